/* SPDX-License-Identifier: MPL-2.0 */
/*
 * XML configuration files read and judged by libxml2. What is written is the file's own bytes, edited by
 * xmlconf_edit.c: libxml2 would forget how lines end, how an empty element or an attribute was written, and
 * the byte order mark.
 *
 * Why strict: a phone that cannot parse its XMLDefault says nothing and does nothing (F§8 row 1).
 */
#include "xmlconf.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/tree.h>

#include "cleanup.h"

#include "xmlconf_priv.h"

#define DECLARATION_MAX 200

/* ---- before libxml2 sees it */

/* The encoding that the declaration names, if any. `bytes` behind the byte order mark. */
static void read_declaration(const uint8_t *bytes, size_t len, struct xmlconf *x)
{
	char declaration[DECLARATION_MAX + 1] = "";
	const uint8_t *end = memmem(bytes, len < DECLARATION_MAX ? len : DECLARATION_MAX, "?>", 2);

	snprintf(x->encoding, sizeof(x->encoding), "UTF-8");
	/* the blank: <?xml-stylesheet …?> is none */
	if (len < 6 || memcmp(bytes, "<?xml", 5) != 0 || !strchr(" \t\r\n", bytes[5]) || !end ||
	    memchr(bytes, '\0', (size_t)(end - bytes)))
		return;
	memcpy(declaration, bytes, (size_t)(end - bytes));
	const char *at = strstr(declaration, "encoding");
	if (!at)
		return;
	at += strcspn(at, "\"'");
	if (*at == '\0')
		return;
	size_t n = strcspn(at + 1, "\"'");
	if (n > 0 && n <= ENCODING_MAX)
		snprintf(x->encoding, sizeof(x->encoding), "%.*s", (int)n, at + 1);
}

static bool is_utf8(const struct xmlconf *x)
{
	return strcasecmp(x->encoding, "UTF-8") == 0 || strcasecmp(x->encoding, "UTF8") == 0 ||
	       strcasecmp(x->encoding, "US-ASCII") == 0;
}

/* Those whose bytes below 0x80 are ASCII's, which the edits go by; phones' files are in no other. */
static int check_encoding(const char *name, const struct xmlconf *x, struct err *e)
{
	static const char *const heads[] = { "UTF-8",	  "UTF8",	 "US-ASCII", "ASCII", "ISO-8859-",
					     "ISO_8859-", "windows-125", "cp125",    "latin1" };
	char shown[ENCODING_MAX * 4 + 1];

	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
		if (strncasecmp(x->encoding, heads[i], strlen(heads[i])) == 0)
			return 0;
	return err_set(e, ERR_INPUT, "%s:1:1: encoding %s: save the file as UTF-8", name,
		       text_escape(shown, sizeof(shown), x->encoding, strlen(x->encoding)));
}

static int check_bytes(const char *name, const uint8_t *bytes, size_t len, struct err *e)
{
	if (len > XMLCONF_BYTES_MAX)
		return err_set(e, ERR_LIMIT, "%s: larger than %d bytes", name, XMLCONF_BYTES_MAX);
	if (len == 0)
		return err_set(e, ERR_INPUT, "%s:1:1: the file is empty", name);
	if (len >= 2 && (memcmp(bytes, "\xff\xfe", 2) == 0 || memcmp(bytes, "\xfe\xff", 2) == 0))
		return err_set(e, ERR_INPUT, "%s:1:1: the file is UTF-16: save it as UTF-8", name);
	return 0;
}

/* ---- parsing */

/* What the first error said; hangs on the parser's context. */
struct fault {
	bool set;
	bool entity;
	size_t off; /* in what libxml2 reads: UTF-8 */
	struct place at;
	char text[160];
};

static size_t parser_offset(xmlParserCtxtPtr ctxt)
{
	return ctxt->input ? (size_t)ctxt->input->consumed + (size_t)(ctxt->input->cur - ctxt->input->base)
			   : 0;
}

static void on_error(void *arg, xmlErrorPtr error)
{
	xmlParserCtxtPtr ctxt = arg;
	struct fault *f = ctxt->_private;

	if (f->set || error->level < XML_ERR_ERROR)
		return;
	f->set = true;
	f->off = parser_offset(ctxt);
	f->at = (struct place){ error->line, error->int2 };
	text_escape(f->text, sizeof(f->text), error->message ? error->message : "",
		    error->message ? strcspn(error->message, "\n") : 0);
}

/* A document with entities of its own is no phone's configuration; it is stopped before any of them is used.
 */
static void on_entity(void *arg, const xmlChar *name, int type, const xmlChar *public_id,
		      const xmlChar *system_id, xmlChar *content)
{
	xmlParserCtxtPtr ctxt = arg;
	struct fault *f = ctxt->_private;

	(void)name, (void)type, (void)public_id, (void)system_id, (void)content;
	if (!f->set) {
		f->set = true;
		f->entity = true;
		f->off = parser_offset(ctxt);
		f->at = (struct place){ ctxt->input->line, ctxt->input->col };
	}
	xmlStopParser(ctxt);
}

static int tell_fault(const char *name, const uint8_t *bytes, size_t len, bool utf8, const struct fault *f,
		      struct err *e)
{
	char buf[32];
	uint32_t cp;
	size_t off = f->off < len ? f->off : len;

	if (!utf8)
		return err_set(e, ERR_INPUT, "%s:%d:%d: %s", name, f->at.line, f->at.column,
			       f->entity ? "declares an entity: not in a phone's configuration" : f->text);
	if (!f->entity && xml_find_typographic(bytes, len, off, &off, &cp) == 0) {
		struct place at = xml_place(bytes, off);
		return err_set(e, ERR_INPUT,
			       "%s:%d:%d: a typographic quote U+%04X where a plain %c must stand", name,
			       at.line, at.column, cp, xml_plain_quote(cp));
	}
	struct place at = xml_place(bytes, off);
	if (f->entity)
		return err_set(e, ERR_INPUT, "%s:%d:%d: declares an entity: not in a phone's configuration",
			       name, at.line, at.column);
	return err_set(e, ERR_INPUT, "%s:%d:%d: at %s: %s", name, at.line, at.column,
		       xml_character(buf, sizeof(buf), bytes, len, off),
		       f->text[0] ? f->text : "not well-formed");
}

static void free_parser(xmlParserCtxtPtr *ctxt)
{
	if (*ctxt)
		xmlFreeParserCtxt(*ctxt);
}

static int read_document(const char *name, const uint8_t *bytes, size_t len, bool utf8, xmlDocPtr *ret,
			 struct err *e)
{
	CLEANUP(free_parser) xmlParserCtxtPtr ctxt = xmlNewParserCtxt();
	struct fault fault = { .set = false };

	if (!ctxt)
		return err_sys(e, ERR_SYSTEM, ENOMEM, "%s", name);
	ctxt->_private = &fault;
	ctxt->sax->serror = on_error;
	ctxt->sax->entityDecl = on_entity;
	xmlDocPtr doc = xmlCtxtReadMemory(ctxt, (const char *)bytes, (int)len, NULL, utf8 ? "UTF-8" : NULL,
					  XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
	if (doc && !fault.set) {
		*ret = doc;
		return 0;
	}
	xmlFreeDoc(doc);
	return tell_fault(name, bytes, len, utf8, &fault, e);
}

static int check_root(const char *name, xmlDocPtr doc, bool sep, struct err *e)
{
	const char *expected = sep ? "device" : "Default";
	char shown[64];
	xmlNodePtr root = xmlDocGetRootElement(doc);

	if (root && strcmp((const char *)root->name, expected) == 0)
		return 0;
	const char *is = root ? (const char *)root->name : "";
	return err_set(e, ERR_INPUT, "%s:%ld: the root element is <%s>, <%s> is expected", name,
		       root ? xmlGetLineNo(root) : 1L, text_escape(shown, sizeof(shown), is, strlen(is)),
		       expected);
}

/* x->bytes into x->doc. */
static int read_bytes(const char *name, struct xmlconf *x, bool sep, struct err *e)
{
	const uint8_t *bytes = x->bytes;
	size_t len = x->len;
	xmlDocPtr doc = NULL;

	if (len >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0) { /* a byte order mark */
		bytes += 3;
		len -= 3;
	}
	read_declaration(bytes, len, x);
	if (check_encoding(name, x, e) < 0 || (is_utf8(x) && xml_check_utf8(name, bytes, len, e) < 0) ||
	    read_document(name, bytes, len, is_utf8(x), &doc, e) < 0)
		return -1;
	x->doc = doc;
	return check_root(name, doc, sep, e);
}

int xmlconf_parse(const char *name, const void *data, size_t len, bool sep, struct xmlconf **ret,
		  struct err *e)
{
	if (check_bytes(name, data, len, e) < 0)
		return -1;
	struct xmlconf *x = calloc(1, sizeof(*x));
	if (x)
		x->bytes = malloc(len);
	if (!x || !x->bytes) {
		xmlconf_free(x);
		return err_sys(e, ERR_SYSTEM, ENOMEM, "%s", name);
	}
	memcpy(x->bytes, data, len);
	x->len = len;
	x->sep = sep;
	if (read_bytes(name, x, sep, e) < 0) {
		xmlconf_free(x);
		return -1;
	}
	*ret = x;
	return 0;
}

int xmlconf_edited(struct xmlconf *x, struct err *e)
{
	xmlFreeDoc(x->doc);
	x->doc = NULL;
	return read_bytes("edited XML", x, x->sep, e);
}

/* The part from callManagerGroup to processNodeName must be there for phones to take the file (F§5.1). */
int xmlconf_builtin(struct xmlconf **ret, struct err *e)
{
	static const char text[] = "<Default>\n"
				   "  <callManagerGroup>\n"
				   "    <members>\n"
				   "      <member priority=\"0\">\n"
				   "        <callManager>\n"
				   "          <ports>\n"
				   "            <ethernetPhonePort>2000</ethernetPhonePort>\n"
				   "            <mgcpPorts>\n"
				   "              <listen>2427</listen>\n"
				   "              <keepAlive>2428</keepAlive>\n"
				   "            </mgcpPorts>\n"
				   "          </ports>\n"
				   "          <processNodeName></processNodeName>\n"
				   "        </callManager>\n"
				   "      </member>\n"
				   "    </members>\n"
				   "  </callManagerGroup>\n"
				   "  <authenticationURL></authenticationURL>\n"
				   "  <directoryURL></directoryURL>\n"
				   "  <idleURL></idleURL>\n"
				   "  <informationURL></informationURL>\n"
				   "  <messagesURL></messagesURL>\n"
				   "  <servicesURL></servicesURL>\n"
				   "</Default>\n";

	return xmlconf_parse("built-in XMLDefault.cnf.xml", text, sizeof(text) - 1, false, ret, e);
}

void xmlconf_free(struct xmlconf *x)
{
	if (!x)
		return;
	xmlFreeDoc(x->doc);
	free(x->bytes);
	free(x);
}

/* ---- what it says */

/* The element behind `node` in document order, within `top`. */
static xmlNodePtr next_node(xmlNodePtr node, const xmlNode *top)
{
	if (node->type == XML_ELEMENT_NODE && node->children)
		return node->children;
	while (node && node != top && !node->next)
		node = node->parent;
	return !node || node == top ? NULL : node->next;
}

static void free_text(xmlChar **text)
{
	if (*text)
		xmlFree(*text);
}

/* The element's own text, NULL where there are elements in it. */
static xmlChar *own_text(xmlNodePtr node)
{
	for (const xmlNode *c = node->children; c; c = c->next)
		if (c->type == XML_ELEMENT_NODE)
			return NULL;
	return xmlNodeGetContent(node);
}

/* Without the blanks around it, in place. */
static const char *trimmed(xmlChar *content)
{
	static const char blanks[] = " \t\r\n";
	char *text = (char *)content;

	if (!text)
		return "";
	text += strspn(text, blanks);
	size_t len = strlen(text);
	while (len > 0 && strchr(blanks, text[len - 1]))
		len--;
	text[len] = '\0';
	return text;
}

static int depth_of(const xmlNode *node)
{
	int depth = -2; /* the document is above the root */

	for (; node; node = node->parent)
		depth++;
	return depth;
}

int xmlconf_walk(const struct xmlconf *x, xmlconf_fn fn, void *arg)
{
	xmlNodePtr top = xmlDocGetRootElement(x->doc);
	int rc = 0;

	for (xmlNodePtr c = top; c && rc == 0; c = next_node(c, top)) {
		if (c->type != XML_ELEMENT_NODE)
			continue;
		CLEANUP(free_text) xmlChar *content = own_text(c);
		CLEANUP(free_text) xmlChar *model = xmlGetNoNsProp(c, (const xmlChar *)"model");
		struct xmlconf_element el = { .name = (const char *)c->name,
					      .line = (int)xmlGetLineNo(c),
					      .depth = depth_of(c),
					      .load_number = -1,
					      .model = model ? (const char *)model : "",
					      .text = trimmed(content) };

		if (el.depth == 1 && !(c->ns && c->ns->prefix))
			(void)xml_load_number(el.name, strlen(el.name), &el.load_number);
		rc = fn(arg, &el);
	}
	return rc;
}

struct wanted_load {
	int number;
	char *ret;
	size_t size;
};

static int is_wanted_load(void *arg, const struct xmlconf_element *el)
{
	const struct wanted_load *w = arg;

	if (el->load_number != w->number)
		return 0;
	snprintf(w->ret, w->size, "%s", el->text);
	return 1;
}

int xmlconf_get_load(const struct xmlconf *x, int number, char *ret, size_t size)
{
	struct wanted_load w = { number, ret, size };

	return xmlconf_walk(x, is_wanted_load, &w) == 1 ? 0 : 1;
}
