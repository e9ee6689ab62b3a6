/* SPDX-License-Identifier: MPL-2.0 */
/* See elf(5): the section of type SHT_DYNAMIC, and the string table that it links to. */
#include "elfneeds.h"

#include <elf.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "file.h"
#include "strbuf.h"

#define ELF_BYTES_MAX (64 * 1024 * 1024)
#define SECTIONS_MAX 512

struct image {
	const unsigned char *p;
	size_t len;
};

/* The two classes differ in widths only: what we need of a section. */
struct section {
	uint32_t type;
	uint32_t link;
	uint64_t offset;
	uint64_t size;
};

static int copy(const struct image *im, uint64_t offset, void *ret, size_t size)
{
	if (offset > im->len || im->len - offset < size)
		return -1;
	memcpy(ret, im->p + offset, size);
	return 0;
}

static int section64(const struct image *im, uint64_t i, struct section *ret)
{
	Elf64_Ehdr h;
	Elf64_Shdr s;

	if (copy(im, 0, &h, sizeof(h)) || i >= h.e_shnum || h.e_shoff > im->len ||
	    copy(im, h.e_shoff + i * sizeof(s), &s, sizeof(s)))
		return -1;
	*ret = (struct section){ s.sh_type, s.sh_link, s.sh_offset, s.sh_size };
	return 0;
}

static int section32(const struct image *im, uint64_t i, struct section *ret)
{
	Elf32_Ehdr h;
	Elf32_Shdr s;

	if (copy(im, 0, &h, sizeof(h)) || i >= h.e_shnum || h.e_shoff > im->len ||
	    copy(im, h.e_shoff + i * sizeof(s), &s, sizeof(s)))
		return -1;
	*ret = (struct section){ s.sh_type, s.sh_link, s.sh_offset, s.sh_size };
	return 0;
}

static int section(const struct image *im, uint64_t i, struct section *ret)
{
	return im->p[EI_CLASS] == ELFCLASS64 ? section64(im, i, ret) : section32(im, i, ret);
}

/* The i-th dynamic entry: its tag and value. */
static int dynamic(const struct image *im, const struct section *s, uint64_t i, int64_t *tag, uint64_t *value)
{
	Elf64_Dyn d64;
	Elf32_Dyn d32;
	bool wide = im->p[EI_CLASS] == ELFCLASS64;
	size_t size = wide ? sizeof(d64) : sizeof(d32);

	if (s->offset > im->len || (i + 1) * size > s->size)
		return -1;
	if (copy(im, s->offset + i * size, wide ? (void *)&d64 : (void *)&d32, size))
		return -1;
	*tag = wide ? d64.d_tag : d32.d_tag;
	*value = wide ? d64.d_un.d_val : d32.d_un.d_val;
	return 0;
}

static void add(const struct image *im, const struct section *names, uint64_t at, struct elfneeds *ret)
{
	if (at >= names->size || names->offset > im->len || at >= im->len - names->offset ||
	    ret->n == ELFNEEDS_MAX)
		return;
	const char *name = (const char *)im->p + names->offset + at;
	size_t room = im->len - (size_t)(names->offset + at);

	snprintf(ret->name[ret->n++], ELFNEEDS_NAME_MAX + 1, "%.*s",
		 (int)strnlen(name, room < 4096 ? room : 4096), name);
}

int elfneeds_parse(const void *bytes, size_t len, struct elfneeds *ret, struct err *e)
{
	struct image im = { .p = bytes, .len = len };
	struct section s = { 0 }, names = { 0 };
	uint64_t i = 0, value = 0;
	int64_t tag = 0;

	ret->n = 0;
	if (len < EI_NIDENT || memcmp(bytes, ELFMAG, SELFMAG) != 0)
		return err_set(e, ERR_INPUT, "is no ELF file");
	if ((im.p[EI_CLASS] != ELFCLASS64 && im.p[EI_CLASS] != ELFCLASS32) ||
	    im.p[EI_DATA] != (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB))
		return err_set(e, ERR_INPUT, "is an ELF file for another kind of machine");
	while (s.type != SHT_DYNAMIC)
		if (i == SECTIONS_MAX || section(&im, i++, &s))
			return err_set(e, ERR_INPUT, "is an ELF file without a dynamic section");
	if (section(&im, s.link, &names))
		return err_set(e, ERR_INPUT, "is a broken ELF file: no names");
	for (i = 0; dynamic(&im, &s, i, &tag, &value) == 0 && tag != DT_NULL; i++)
		if (tag == DT_NEEDED)
			add(&im, &names, value, ret);
	return 0;
}

int elfneeds_read(const char *path, struct elfneeds *ret, struct err *e)
{
	CLEANUP(strbuf_fini) struct strbuf sb = STRBUF_INIT(ELF_BYTES_MAX);
	int rc = file_read(path, ELF_BYTES_MAX, &sb, e);

	return rc != 0 ? rc : elfneeds_parse(strbuf_text(&sb), sb.len, ret, e);
}

static size_t stem(const char *name)
{
	const char *so = strstr(name, ".so");

	return so ? (size_t)(so - name) + 3 : strlen(name);
}

int elfneeds_differ(const struct elfneeds *a, const struct elfneeds *b, const char *prefix,
		    const char **ret_a, const char **ret_b)
{
	for (unsigned i = 0; i < a->n; i++) {
		size_t n = stem(a->name[i]);

		if (strncmp(a->name[i], prefix, strlen(prefix)) != 0)
			continue;
		for (unsigned j = 0; j < b->n; j++) {
			if (stem(b->name[j]) != n || strncmp(a->name[i], b->name[j], n) != 0 ||
			    strcmp(a->name[i], b->name[j]) == 0)
				continue;
			*ret_a = a->name[i];
			*ret_b = b->name[j];
			return 0;
		}
	}
	return 1;
}
