/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Reading the TLV header and the body's identity. The RSA signature is not checked: nobody has the keys, and
 * the sample sets carry filler there. A body that mkload made carries its length and a checksum instead,
 * which stand in for the signature's protection against truncation and damage.
 */
#include "vp_image.h"

#define TAG_VERSION 0x01
#define TAG_HEADER_LENGTH 0x02
#define TAG_SIGNER 0x03 /* containers: their members follow inside */
#define TAG_SIGNATURE 0x07
#define TAG_ALGORITHM 0x09
#define TAG_PAD 0x0d /* one byte without length */
#define TAG_NAME 0x0e

#define BODY_NAME_AT 0x20
#define BODY_IDENT_AT 0x120
#define BODY_MIN 0x140

static size_t read_u16(const uint8_t *p)
{
	return (size_t)p[0] << 8 | p[1];
}

static uint32_t read_u32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* NUL-padded printable text at a fixed place. */
static void read_text(const uint8_t *p, size_t n, char ret[LOAD_NAME_MAX])
{
	size_t i = 0;

	while (i < n && i < LOAD_NAME_MAX - 1 && p[i] > ' ' && p[i] < 127) {
		ret[i] = (char)p[i];
		i++;
	}
	ret[i] = '\0';
}

int vp_image_read_header(const uint8_t *p, size_t n, struct vp_image *ret_image, const char **ret_why)
{
	struct vp_image image = { 0 };
	size_t at = 0, end;

	*ret_image = image;
	if (n < 10 || p[0] != TAG_VERSION || read_u16(p + 1) != 2)
		return 0; /* unsigned */
	*ret_why = "broken header";
	if (p[5] != TAG_HEADER_LENGTH || read_u16(p + 6) != 2)
		return -1;
	end = read_u16(p + 8);
	if (end < 64 || end > n)
		return *ret_why = "truncated", -1;
	while (at < end) {
		size_t len;

		if (p[at] == TAG_PAD) {
			at++;
			continue;
		}
		if (end - at < 3)
			return -1;
		len = read_u16(p + at + 1);
		if (len > end - at - 3)
			return -1;
		if (p[at] == TAG_NAME)
			read_text(p + at + 3, len, image.name_tag);
		if (p[at] == TAG_SIGNER || p[at] == TAG_SIGNATURE || p[at] == TAG_ALGORITHM)
			len = 0; /* step inside */
		at += 3 + len;
	}
	image.is_signed = true;
	image.body_at = end;
	*ret_image = image;
	return 0;
}

/* mkload's stand-in for the signature: "LSYN", body length, FNV-1a of what follows. */
static bool seal_holds(const uint8_t *body, size_t n)
{
	if (memcmp(body, "LSYN", 4) != 0)
		return true; /* somebody else's image: only its shape can be judged */
	return read_u32(body + 4) == n && read_u32(body + 8) == fnv1a(body + 12, n - 12);
}

int vp_image_read(const uint8_t *p, size_t n, struct vp_image *ret_image, const char **ret_why)
{
	struct vp_image image;
	const uint8_t *body;

	if (vp_image_read_header(p, n, &image, ret_why) != 0)
		return -1;
	if (n - image.body_at < BODY_MIN)
		return *ret_why = "truncated", -1;
	body = p + image.body_at;
	read_text(body + BODY_NAME_AT, 32, image.load);
	read_text(body + BODY_IDENT_AT, 16, image.ident);
	if (!*image.load || !*image.ident)
		return *ret_why = "no image", -1;
	if (!seal_holds(body, n - image.body_at))
		return *ret_why = "truncated or damaged", -1;
	image.is_loader = strcmp(image.ident, IDENT_SIP) != 0 && strcmp(image.ident, IDENT_SCCP) != 0 &&
			  strcmp(image.ident, IDENT_7910) != 0;
	*ret_image = image;
	return 0;
}

int vp_image_read_component(const uint8_t *p, size_t n, struct vp_image *ret_image, const char **ret_why)
{
	struct vp_image image;

	if (vp_image_read_header(p, n, &image, ret_why) != 0)
		return -1;
	if (n - image.body_at < BODY_MIN)
		return *ret_why = "truncated", -1;
	read_text(p + image.body_at + BODY_NAME_AT, 32, image.load);
	if (!seal_holds(p + image.body_at, n - image.body_at))
		return *ret_why = "truncated or damaged", -1;
	*ret_image = image;
	return 0;
}

bool vp_image_signed_as(const struct vp_image *image, const char *file_name)
{
	return image->is_signed && strcmp(image->name_tag, file_name) == 0;
}
