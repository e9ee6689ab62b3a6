#!/usr/bin/perl
# SPDX-License-Identifier: MPL-2.0
#
# page.pl FILE.html DIRECTORY [VIEW]...: opens the page in a headless Chromium, in the views that are named (all: several
# widths and schemes, and paper), and prints what page.js and the browser say of each, everything unfolded, as one JSON
# object. Pictures of each as it opens go into the directory.
#
# The browser is spoken to over a pipe (--remote-debugging-pipe: JSON with NUL behind it, on its descriptors 3 and 4).
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use JSON::PP;
use MIME::Base64 qw(decode_base64);
use POSIX qw(dup2);
use Time::HiRes qw(time);

my ($page, $shots, @wanted) = @ARGV;
my $browser = $ENV{CHROMIUM} // (grep { my $p = $_; grep { -x "$_/$p" } split /:/, $ENV{PATH} } qw(chromium-headless-shell chromium))[0]
	// die "page.pl: there is no chromium\n";
my $profile = tempdir(CLEANUP => 1);
my $json = JSON::PP->new->utf8->canonical;
my $timeout = 60;

sub slurp { open my $in, '<', $_[0] or die "$_[0]: $!\n"; local $/; return scalar <$in> }

pipe my $commands_in, my $commands or die;
pipe my $answers, my $answers_out or die;
my $pid = fork // die;
if (!$pid) {
	my ($in, $out) = (POSIX::dup(fileno $commands_in), POSIX::dup(fileno $answers_out));
	my ($high_in, $high_out) = map { my $fd = $_; $fd = POSIX::dup($fd) while $fd < 10; $fd } $in, $out;
	dup2($high_in, 3);
	dup2($high_out, 4);
	$^F = 4;
	open STDERR, '>', "$profile/log" or die;
	open STDOUT, '>', '/dev/null' or die;
	exec $browser, qw(--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking
		--disable-component-update --disable-sync --hide-scrollbars --remote-debugging-pipe), "--user-data-dir=$profile/data"
		or POSIX::_exit(127);
}
close $commands_in;
close $answers_out;
$commands->autoflush(1);
END {
	if ($pid) {
		my $code = $?;
		kill 'TERM', $pid;
		waitpid $pid, 0;
		$? = $code;
	}
}

my ($id, $session, $buffer, @events) = (0, undef, '');

sub receive
{
	local $/ = "\0";
	local $SIG{ALRM} = sub { die "page.pl: the browser does not answer\n" };
	alarm $timeout;
	my $line = <$answers> // die "page.pl: the browser is gone:\n" . slurp("$profile/log");
	alarm 0;
	chop $line;
	return $json->decode($line);
}

sub call
{
	my ($method, %params) = @_;
	my $message = { id => ++$id, method => $method, params => \%params };

	$message->{sessionId} = $session if $session;
	print $commands $json->encode($message), "\0";
	while (1) {
		my $answer = receive();
		if (!defined $answer->{id}) {
			push @events, $answer;
			next;
		}
		die "page.pl: $method: $answer->{error}{message}\n" if $answer->{error};
		return $answer->{result};
	}
}

sub wait_event
{
	my ($name) = @_;
	until (grep { $_->{method} eq $name } @events) {
		my $e = receive();
		push @events, $e unless defined $e->{id};
	}
}

sub evaluate
{
	my $result = call('Runtime.evaluate', expression => $_[0], returnByValue => JSON::PP::true);
	die 'page.pl: ' . $json->encode($result->{exceptionDetails}) . "\n" if $result->{exceptionDetails};
	return $result->{result}{value};
}

# Of what a person who hears the page is told by name: nothing may be nameless.
sub nameless
{
	my %named = map { $_ => 1 } qw(link button image heading table region navigation DisclosureTriangle img RootWebArea);
	my $tree = call('Accessibility.getFullAXTree');
	return map { $_->{role}{value} } grep { !$_->{ignored} && $named{ $_->{role}{value} // '' } && ($_->{name}{value} // '') eq '' }
		@{ $tree->{nodes} };
}

sub picture
{
	my ($name, $width, $height) = @_;
	my $shot = call('Page.captureScreenshot', format => 'png', captureBeyondViewport => JSON::PP::true,
		clip => { x => 0, y => 0, width => $width, height => $height, scale => 1 });
	open my $out, '>:raw', "$shots/$name.png" or die "$shots/$name.png: $!\n";
	print $out decode_base64($shot->{data});
}

my $target = call('Target.createTarget', url => 'about:blank')->{targetId};
$session = call('Target.attachToTarget', targetId => $target, flatten => JSON::PP::true)->{sessionId};
call("$_.enable") for qw(Page Runtime Log Network Accessibility);
my $begin = time;
call('Page.navigate', url => 'file://' . abs_path($page));
wait_event('Page.loadEventFired');
my %said = (load_ms => int((time() - $begin) * 1000), folded => evaluate('document.querySelectorAll("details:not([open])").length'));
my $check = slurp(dirname(__FILE__) . '/page.js');
my @views = ((map { my $w = $_; map { ["$w-$_", $w, $_, 'screen'] } qw(light dark) } 360, 1280), ['print', 700, 'light', 'print']);
for my $view (@views) {
	my ($name, $width, $scheme, $media) = @$view;
	next if @wanted && !grep { $_ eq $name } @wanted;

	call('Emulation.setDeviceMetricsOverride', width => $width, height => 800, deviceScaleFactor => 1,
		mobile => $width < 500 ? JSON::PP::true : JSON::PP::false);
	call('Emulation.setEmulatedMedia', media => $media, features => [{ name => 'prefers-color-scheme', value => $scheme }]);
	picture($name, $width, $media eq 'print' ? 1000 : 3600);
	evaluate('document.querySelectorAll("details").forEach(d => { d.dataset.was = d.open; d.open = true })');
	$said{views}{$name} = $json->decode(evaluate($check));
	evaluate('document.querySelectorAll("details").forEach(d => { d.open = d.dataset.was === "true" })');
}
$said{nameless} = [nameless()];
$said{console} = [map { $json->encode($_->{params}) }
		grep { $_->{method} =~ /^(Log\.entryAdded|Runtime\.(consoleAPICalled|exceptionThrown))$/ } @events];
$said{requests} = [grep { $_ ne 'file://' . abs_path($page) }
		map { $_->{params}{request}{url} } grep { $_->{method} eq 'Network.requestWillBeSent' } @events];
print $json->encode(\%said), "\n";
