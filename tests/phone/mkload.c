/* SPDX-License-Identifier: MPL-2.0 */
/*
 * mkload: sample load sets with the byte layout of the real ones: signed TLV header (F§3.3), manifest and
 * identities (F§3.4), .sbn = header + the very bytes of the .bin (F§3.2). This file makes those of the 7940 and 7960,
 * mkload_java.c the others. Bodies are pseudo-random, the same for the same name, and smaller than the real ones; the
 * signature is filler. Which files a load has follows from its name (F§3.1, F§4.1).
 */
#include <errno.h>
#include <getopt.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "load_names.h"
#include "mkload.h"

/* A quarter of the real sizes: F§3.7, F§3.2. */
#define LOADER_BYTES 32638u
#define APP_BYTES 189131u
#define SINGLE_BYTES 87448u
#define MEMBER_BYTES 65536u /* real ones are 0.3 to 3.2 MB: F§3.7 */
#define BODY_MIN 0x140u

void mkload_put(struct buffer *b, const void *data, size_t n)
{
	memcpy(b->p + b->n, data, n);
	b->n += n;
}

static void put_tag(struct buffer *b, uint8_t tag, const void *data, size_t n)
{
	uint8_t head[3] = { tag, (uint8_t)(n >> 8), (uint8_t)n };

	mkload_put(b, head, 3);
	if (data)
		mkload_put(b, data, n);
}

static uint32_t next_random(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

/* round-up-to-4(384 + strlen(name) + 1): F§3.3 */
static size_t header_bytes(const char *name)
{
	return (384 + strlen(name) + 1 + 3) & ~(size_t)3;
}

/* The tags in their order with their containers; F§3.3's table, line by line. */
void mkload_header(struct buffer *b, const char *name)
{
	static const char signer[] = "CN=someSigner;OU=someOrgUnit;O=someOrg";
	static const char issuer[] = "CN=someCA;OU=someOrgUnit;O=someOrg";
	static const uint8_t serial[8] = { 0x12, 0x34, 0x56, 0x78, 0x90, 0xab, 0xcd, 0xef };
	size_t start = b->n, length = header_bytes(name);
	uint8_t length_be[2] = { (uint8_t)(length >> 8), (uint8_t)length };
	uint8_t signature[256];
	uint32_t state = fnv1a((const uint8_t *)name, strlen(name)) | 1;

	for (size_t i = 0; i < sizeof signature; i++)
		signature[i] = (uint8_t)next_random(&state);
	put_tag(b, 0x01, "\x01\x01", 2); /* header version 1.1 */
	put_tag(b, 0x02, length_be, 2);
	put_tag(b, 0x03, NULL, 0x5b); /* signer information: 04, 05, 06 inside */
	put_tag(b, 0x04, signer, sizeof signer);
	put_tag(b, 0x05, serial, sizeof serial);
	put_tag(b, 0x06, issuer, sizeof issuer);
	put_tag(b, 0x07, NULL, 0x0f); /* signature information */
	put_tag(b, 0x08, "\x01", 1); /* SHA-1 */
	put_tag(b, 0x09, NULL, 8);
	put_tag(b, 0x0a, "\x00", 1);
	put_tag(b, 0x0b, "\x02", 1); /* 2048 bit */
	put_tag(b, 0x0c, signature, sizeof signature);
	put_tag(b, 0x0e, name, strlen(name) + 1);
	while (b->n - start < length)
		mkload_put(b, "\x0d", 1); /* padding: one byte, no length */
}

static void put_u32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 24);
	p[1] = (uint8_t)(v >> 16);
	p[2] = (uint8_t)(v >> 8);
	p[3] = (uint8_t)v;
}

/*
 * "LSYN", length and checksum stand in for the signature (the virtual phone looks at them); the load name at
 * 0x20 and the identity at 0x120 are where the real ones are (F§3.4).
 */
void mkload_body(struct buffer *b, const char *load, const char *ident, size_t n)
{
	uint8_t *body = b->p + b->n;
	uint32_t state =
		fnv1a((const uint8_t *)load, strlen(load)) ^ fnv1a((const uint8_t *)ident, strlen(ident));

	state |= 1;
	for (size_t i = 0; i < n; i++)
		body[i] = (uint8_t)next_random(&state);
	memset(body + 0x20, 0, 32);
	snprintf((char *)body + 0x20, 32, "%s", load);
	memset(body + 0x120, 0, 16);
	snprintf((char *)body + 0x120, 16, "%s", ident);
	memcpy(body, "LSYN", 4);
	put_u32(body + 4, (uint32_t)n);
	put_u32(body + 8, fnv1a(body + 12, n - 12));
	b->n += n;
}

int mkload_save(const struct settings *s, const char *load, const char *name, const struct buffer *b)
{
	char path[4096];
	FILE *f;
	bool bad;

	snprintf(path, sizeof path, "%s/%s/%s", s->out, load, name);
	f = fopen(path, "wb");
	if (!f) {
		perror(path);
		return -1;
	}
	bad = fwrite(b->p, 1, b->n, f) != b->n;
	bad |= fclose(f) != 0;
	if (bad)
		perror(path);
	return bad ? -1 : 0;
}

/* One image file: <name><extension>, signed or not. */
static int save_image(const struct settings *s, const char *load, const char *name, const char *extension,
		      const char *ident, size_t body_bytes)
{
	char file[LOAD_NAME_MAX + 8];
	struct buffer b = { malloc(HEADER_MAX + body_bytes + 512), 0 };
	int rc;

	if (!b.p)
		return -1;
	snprintf(file, sizeof file, "%s%s", name, extension);
	if (strcmp(extension, ".bin") != 0)
		mkload_header(&b, file);
	if (strcmp(extension, ".sb2") == 0 && s->whole_blocks)
		body_bytes += (512 - (b.n + body_bytes) % 512) % 512;
	mkload_body(&b, name, ident, body_bytes);
	rc = mkload_save(s, load, file, &b);
	free(b.p);
	return rc;
}

static int save_manifest(const struct settings *s, const char *load, const char *loader,
			 const char *la_version)
{
	const char *end = s->crlf ? "\r\n" : "\n";
	char file[LOAD_NAME_MAX + 8], text[4 * LOAD_NAME_MAX];
	uint8_t room[HEADER_MAX + sizeof text];
	struct buffer b = { room, 0 };

	snprintf(file, sizeof file, "%s.loads", load);
	snprintf(text, sizeof text, "%s.sbn%s%s.sb2%sLA_VERSION=%s%s", loader, end, load, end, la_version,
		 end);
	mkload_header(&b, file);
	mkload_put(&b, text, strlen(text));
	return mkload_save(s, load, file, &b);
}

static int make_two_part(const struct settings *s, const char *load, bool sip)
{
	char loader[LOAD_NAME_MAX], la_version[LOAD_NAME_MAX];

	load_loader_name(load, loader);
	load_loader_identity(load, la_version);
	if (s->la_version)
		snprintf(la_version, sizeof la_version, "%s", s->la_version);
	if (save_manifest(s, load, loader, la_version) != 0)
		return -1;
	if (save_image(s, load, loader, ".bin", la_version, s->loader_bytes) != 0)
		return -1;
	if (save_image(s, load, loader, ".sbn", la_version, s->loader_bytes) != 0)
		return -1;
	return save_image(s, load, load, ".sb2", sip ? IDENT_SIP : IDENT_SCCP, s->app_bytes);
}

static int make_load(const struct settings *s, const char *load)
{
	struct load_version v = load_version_parse(load);
	const char *ident = v.protocol == LOAD_SIP ? IDENT_SIP : IDENT_SCCP;
	char dir[4096];

	if (mkload_is_java(load))
		return mkload_java(s, load);
	if ((v.protocol != LOAD_SCCP && v.protocol != LOAD_SIP) || strlen(load) > 31) {
		fprintf(stderr, "mkload: %s: neither P003…, P0S3… nor SIPnn.…, SCCPnn.…\n", load);
		return -1;
	}
	snprintf(dir, sizeof dir, "%s/%s", s->out, load);
	if (mkdir(dir, 0755) != 0 && errno != EEXIST) {
		perror(dir);
		return -1;
	}
	if (load_is_two_part(load))
		return make_two_part(s, load, v.protocol == LOAD_SIP);
	if (save_image(s, load, load, ".bin", ident, s->single_bytes) != 0)
		return -1;
	return v.major >= 5 ? save_image(s, load, load, ".sbn", ident, s->single_bytes) : 0;
}

static size_t parse_size(const char *text)
{
	unsigned long n = strtoul(text, NULL, 10);

	return n < BODY_MIN || n > 64ul << 20 ? 0 : n;
}

static const char help[] =
	"usage: mkload --out DIR [option]... LOAD...\n"
	"Writes DIR/LOAD/files. Below 5.0: .bin; 5.x: .bin .sbn; from SCCP 6.x and SIP 7.x on:\n"
	".loads, the loader's .sbn and .bin, .sb2.\n"
	"  --loader-bytes N  --app-bytes N  --single-bytes N   size of the bodies (at least 320)\n"
	"  --whole-blocks    .sb2 a multiple of 512 bytes, so that its transfer ends with an empty block\n"
	"  --crlf            line ends in the manifest\n"
	"  --la-version ID   instead of the one that belongs to the load's name\n"
	"SIPnn.V, SCCPnn.V: .loads, five .sbn, termNN.default.loads.\n"
	"  --member-bytes N  --component V   size and version of the members (the load's own version)\n"
	"  --capital-jar     the manifest says Jar…, the file is jar…\n";

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "out", required_argument, NULL, 'o' },
		{ "loader-bytes", required_argument, NULL, 'l' },
		{ "app-bytes", required_argument, NULL, 'a' },
		{ "single-bytes", required_argument, NULL, 's' },
		{ "whole-blocks", no_argument, NULL, 'w' },
		{ "crlf", no_argument, NULL, 'c' },
		{ "la-version", required_argument, NULL, 'v' },
		{ "member-bytes", required_argument, NULL, 'm' },
		{ "component", required_argument, NULL, 'C' },
		{ "capital-jar", no_argument, NULL, 'J' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct settings s = { .loader_bytes = LOADER_BYTES,
			      .app_bytes = APP_BYTES,
			      .single_bytes = SINGLE_BYTES,
			      .member_bytes = MEMBER_BYTES };
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (c) {
		case 'o':
			s.out = optarg;
			break;
		case 'l':
			s.loader_bytes = parse_size(optarg);
			break;
		case 'a':
			s.app_bytes = parse_size(optarg);
			break;
		case 's':
			s.single_bytes = parse_size(optarg);
			break;
		case 'w':
			s.whole_blocks = true;
			break;
		case 'c':
			s.crlf = true;
			break;
		case 'v':
			s.la_version = optarg;
			break;
		case 'm':
			s.member_bytes = parse_size(optarg);
			break;
		case 'C':
			s.component = optarg;
			break;
		case 'J':
			s.capital_jar = true;
			break;
		default:
			return fputs(help, c == 'h' ? stdout : stderr), c == 'h' ? 0 : 2;
		}
	}
	if (!s.out || optind == argc || !s.loader_bytes || !s.app_bytes || !s.single_bytes ||
	    !s.member_bytes)
		return fputs(help, stderr), 2;
	for (int i = optind; i < argc; i++)
		if (make_load(&s, argv[i]) != 0)
			return 1;
	return 0;
}
