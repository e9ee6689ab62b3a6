/* SPDX-License-Identifier: MPL-2.0 */
/*
 * All that knows Kea, and all the C++ there is: the framework's functions, callouts that let no exception out (one that is
 * not a std::exception would cost the packet, K§0.5), and the translation between Kea's objects and hook.h's structs. No
 * policy. Nothing of Kea's is kept after a callout: a query that is kept makes the next reload fail (K§0.3).
 */
#include <algorithm>
#include <string>
#include <pthread.h>

#include <cc/command_interpreter.h>
#include <cc/data.h>
#include <dhcp/pkt4.h>
#include <dhcpsrv/lease.h>
#include <hooks/hooks.h>
#include <log/logger.h>
#include <log/macros.h>
#include <log/message_initializer.h>

#include "hook.h"

using namespace isc::data;
using namespace isc::dhcp;
using namespace isc::hooks;
namespace {
/* The one mutable global: Kea's functions take no argument of ours. Only load and unload write it. */
struct { struct hook *hook; pthread_t thread; bool thread_runs; } loaded;

/* As Kea's message compiler would generate it (K§4.3): id, text, id, text; registered at dlopen(). */
const char *messages[] = {
#define MESSAGE(sym, level, text, why) "LOADSTEP_" #sym, text,
#include "messages.def"
#undef MESSAGE
	nullptr
};
const isc::log::MessageInitializer message_initializer(messages);
isc::log::Logger logger("loadstep-hooks");
const int debug_level = 40;           /* Kea's "details of a packet" */
const uint16_t DHO_TFTP_SERVERS = 150; /* RFC 5859; Kea defines none (K§0.4) */

void say(const struct hook_log &log)
{
	for (const struct hook_line *l = log.line; l < log.line + log.n; l++) {
		const isc::log::MessageID id = messages[2 * l->id];
		switch (message_level_of(l->id)) {
		case LEVEL_DEBUG: LOG_DEBUG(logger, debug_level, id).arg(l->text); break;
		case LEVEL_INFO: LOG_INFO(logger, id).arg(l->text); break;
		case LEVEL_WARN: LOG_WARN(logger, id).arg(l->text); break;
		case LEVEL_ERROR: LOG_ERROR(logger, id).arg(l->text); break;
		}
	}
}

/* Every entry point runs in here: what body(log) returns, or `otherwise`; then the log is written. */
template <typename Body> int guarded(int otherwise, Body body) noexcept
{
	struct hook_log log;
	int rc = otherwise;
	log.n = 0;
	try {
		rc = body(&log);
	} catch (const std::exception &e) {
		hook_on_exception(loaded.hook, e.what(), &log);
	} catch (...) {
		hook_on_exception(loaded.hook, "not a std::exception", &log);
	}
	try {
		say(log);
	} catch (...) {} /* a logger that throws has nobody to tell */
	return rc;
}

/* A callout: only where we are loaded, and no earlier library took the packet over. */
template <typename Body> int callout(CalloutHandle &handle, Body body) noexcept
{
	return guarded(0, [&](struct hook_log *log) {
		if (loaded.hook && handle.getStatus() == CalloutHandle::NEXT_STEP_CONTINUE)
			body(log);
		return 0;
	});
}

/* ---- Kea's objects to plain structs */

/* Without the copy that getOption() makes inside a callout (K§2.2). */
const Option *find_option(const Pkt4Ptr &pkt, uint16_t code)
{
	const auto it = pkt->options_.find(code);
	return it == pkt->options_.end() ? nullptr : it->second.get();
}

template <size_t N> uint8_t copy_bytes(const OptionBuffer &data, uint8_t (&dst)[N])
{
	return static_cast<uint8_t>(std::copy_n(data.begin(), std::min(data.size(), N), dst) - dst);
}

template <size_t N> uint8_t copy_data(const Option *option, uint8_t (&dst)[N])
{
	return option ? copy_bytes(option->getData(), dst) : 0;
}

/* Option 82 keeps its suboptions apart: code, length, bytes; whole ones only. */
template <size_t N> uint8_t copy_relay(const Option *option, uint8_t (&dst)[N])
{
	const OptionCollection none;
	uint8_t *at = dst;
	for (const auto &sub : option ? option->getOptions() : none) {
		const OptionBuffer &data = sub.second->getData();
		if (data.size() + 2 <= static_cast<size_t>(dst + N - at)) {
			*at++ = static_cast<uint8_t>(sub.first);
			*at++ = static_cast<uint8_t>(data.size());
			at = std::copy(data.begin(), data.end(), at);
		}
	}
	return static_cast<uint8_t>(at - dst);
}

template <size_t N> uint16_t copy_classes(const ClientClasses &classes, char (&dst)[N])
{
	char *at = dst;
	for (const auto &name : classes) {
		if (name.size() >= static_cast<size_t>(dst + N - at))
			continue;
		at = std::copy(name.begin(), name.end(), at);
		*at++ = '\n';
	}
	return static_cast<uint16_t>(at - dst);
}

bool copy_mac(const HWAddrPtr &hw, uint8_t (&mac)[6])
{
	if (!hw || hw->htype_ != HTYPE_ETHER || hw->hwaddr_.size() != sizeof mac)
		return false;
	std::copy_n(hw->hwaddr_.begin(), sizeof mac, mac);
	return true;
}

template <size_t N> bool copy_text(const std::string &src, char (&dst)[N])
{
	const size_t n = std::min(src.size(), N - 1);
	*std::copy_n(src.begin(), n, dst) = '\0';
	return n == src.size();
}

void read_query(const Pkt4Ptr &query, const Pkt4Ptr &reply, struct dhcp_query *q)
{
	q->query_type = query->getType();
	q->reply_type = reply->getType();
	q->mac_known = copy_mac(query->getHWAddr(), q->mac);
	q->yiaddr = reply->getYiaddr().toUint32();
	q->siaddr = reply->getSiaddr().toUint32();
	q->ciaddr = query->getCiaddr().toUint32();
	q->giaddr = query->getGiaddr().toUint32();
	q->xid = query->getTransid();
	const Option *id = q->reply_type == DHCPOFFER ? find_option(reply, DHO_DHCP_SERVER_IDENTIFIER) : nullptr;
	q->server_len = copy_bytes(id ? id->toBinary() : OptionBuffer(), q->server); /* an address has no data */
	q->has_150 = find_option(reply, DHO_TFTP_SERVERS) != nullptr;
	q->has_66 = find_option(reply, DHO_TFTP_SERVER_NAME) != nullptr;
	q->debug = logger.isDebugEnabled(debug_level);
	q->vendor_len = copy_data(find_option(query, DHO_VENDOR_CLASS_IDENTIFIER), q->vendor_class);
	q->hostname_len = copy_data(find_option(query, DHO_HOST_NAME), q->hostname);
	q->relay_len = copy_relay(find_option(query, DHO_DHCP_AGENT_OPTIONS), q->relay);
	q->classes_len = copy_classes(query->getClasses(), q->classes);
}

int lease_gone(CalloutHandle &handle) noexcept
{
	return callout(handle, [&](struct hook_log *log) {
		Lease4Ptr lease;
		struct dhcp_gone gone;
		handle.getArgument("lease4", lease);
		if (!lease)
			return;
		gone.mac_known = copy_mac(lease->hwaddr_, gone.mac);
		gone.address = lease->addr_.toUint32();
		hook_on_gone(loaded.hook, &gone, log);
	});
}

void pass_parameter(const std::string &name, const ConstElementPtr &value, struct hook_log *log)
{
	struct hook_param p;
	copy_text(name, p.name);
	copy_text(value->getPosition().str(), p.place);
	p.is_text = value->getType() == Element::string;
	p.cut = !copy_text(p.is_text ? value->stringValue() : value->str(), p.value);
	hook_param_put(loaded.hook, &p, log);
}

/* ---- plain structs to Kea's objects. A reply: all of it or nothing; what may throw comes first. */
void write_reply(const Pkt4Ptr &reply, const struct dhcp_reply &r)
{
	OptionCollection ours;
	const auto make = [&ours](uint16_t code, const auto *p, size_t len) {
		ours.emplace(code, OptionPtr(new Option(Option::V4, code, OptionBuffer(p, p + len))));
	};
	if (r.set_150)
		make(DHO_TFTP_SERVERS, r.servers, r.n_bytes);
	if (r.set_66)
		make(DHO_TFTP_SERVER_NAME, r.text, r.text_len);
	for (const auto &option : ours)
		reply->options_.erase(option.first);
	reply->options_.merge(ours); /* moves what was made: needs no memory */
	if (r.set_siaddr)
		reply->setSiaddr(isc::asiolink::IOAddress(r.siaddr));
}

int status_command(CalloutHandle &handle) noexcept
{
	return guarded(1, [&](struct hook_log *) {
		struct hook_status st;
		const ElementPtr values = Element::createMap();
		hook_on_status(loaded.hook, &st);
		for (const struct status_value *v = st.value; v < st.value + st.n; v++)
			values->set(v->name, v->is_text ? Element::create(std::string(v->text)) :
							  Element::create(static_cast<long long>(v->number)));
		const ConstElementPtr answer = isc::config::createAnswer(st.result, st.text, values);
		handle.setArgument("response", answer); /* of exactly this type (K§5) */
		return 0;
	});
}

/* The recorder's thread is entered from here, so that C need not call back to log. */
void *thread_body(void *)
{
	hook_thread_enter();
	while (guarded(1, [](struct hook_log *log) { return hook_run_once(loaded.hook, log); }) == 0)
		continue;
	return nullptr;
}
} // namespace
#pragma GCC visibility push(default)
extern "C" {
int version() { return KEA_HOOKS_VERSION; }
int multi_threading_compatible() { return 1; }

/* Not zero stops DHCP (K§0.1): only where "strict" asks for it. unload() follows that, too (K§4.2). */
int load(LibraryHandle &handle)
{
	return guarded(0, [&](struct hook_log *log) {
		handle.registerCommandCallout("loadstep-status", status_command); /* first: tells the rest */
		const ConstElementPtr parameters = handle.getParameters();
		if (!(loaded.hook = hook_new()))
			return 0;
		if (parameters && parameters->getType() == Element::map)
			for (const auto &kv : parameters->mapValue())
				pass_parameter(kv.first, kv.second, log);
		const int rc = hook_start(loaded.hook, log);
		if (rc == 0 && hook_thread_wanted(loaded.hook)) {
			loaded.thread_runs = !pthread_create(&loaded.thread, nullptr, thread_body, nullptr);
			hook_thread_made(loaded.hook, loaded.thread_runs, log);
		}
		return rc;
	});
}

int unload()
{
	return guarded(0, [](struct hook_log *log) {
		if (loaded.thread_runs) {
			hook_stop(loaded.hook);
			pthread_join(loaded.thread, nullptr);
		}
		hook_finish(loaded.hook, log);
		hook_free(loaded.hook);
		loaded = {};
		return 0;
	});
}

int pkt4_send(CalloutHandle &handle)
{
	return callout(handle, [&](struct hook_log *log) {
		struct dhcp_query q; struct dhcp_reply r;
		Pkt4Ptr query, reply;
		handle.getArgument("query4", query);
		handle.getArgument("response4", reply);
		if (!query || !reply)
			return;
		read_query(query, reply, &q);
		hook_on_reply(loaded.hook, &q, &r, log);
		write_reply(reply, r);
	});
}

int buffer4_receive(CalloutHandle &handle)
{
	return callout(handle, [&](struct hook_log *log) {
		Pkt4Ptr query;
		handle.getArgument("query4", query);
		if (query)
			hook_on_message(loaded.hook, query->data_.data(), query->data_.size(), log);
	});
}

int lease4_release(CalloutHandle &handle) { return lease_gone(handle); }
int lease4_decline(CalloutHandle &handle) { return lease_gone(handle); }
int lease4_expire(CalloutHandle &handle) { return lease_gone(handle); }
} // extern "C"
#pragma GCC visibility pop
