/* SPDX-License-Identifier: MPL-2.0 */
/*
 * XML configuration files through libxml2's tree. What libxml2 forgets between reading and writing is kept
 * beside it: the declaration's text, and whether an empty element was <x/> or <x></x> (an empty text child
 * makes it the latter). Lost are CR before LF, blanks inside tags, the kind of quotes round attributes, and a
 * byte order mark.
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
#include <libxml/xmlsave.h>

#include "cleanup.h"

#include "xmlconf_priv.h"

#define DECLARATION_MAX 200
#define ENCODING_MAX 32
#define SCCP_PORT_TEXT "2000"
#define LOAD_ELEMENT "loadInformation"
#define PAD_MIN 8 /* "<!---->" and a line feed */

struct xmlconf {
	xmlDocPtr doc;
	char declaration[DECLARATION_MAX + 1]; /* "<?xml …?>" as it was written, "" = none */
	char encoding[ENCODING_MAX + 1]; /* that the bytes are in */
};

/* ---- before libxml2 sees it */

/* The declaration's text and the encoding it names, if any. `bytes` behind the byte order mark. */
static void read_declaration(const uint8_t *bytes, size_t len, struct xmlconf *x)
{
	const uint8_t *end = memmem(bytes, len < DECLARATION_MAX ? len : DECLARATION_MAX, "?>", 2);

	snprintf(x->encoding, sizeof(x->encoding), "UTF-8");
	/* the blank: <?xml-stylesheet …?> is none */
	if (len < 6 || memcmp(bytes, "<?xml", 5) != 0 || !strchr(" \t\r\n", bytes[5]) || !end ||
	    memchr(bytes, '\0', (size_t)(end - bytes)))
		return;
	memcpy(x->declaration, bytes, (size_t)(end + 2 - bytes));
	const char *at = strstr(x->declaration, "encoding");
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

/* At this moment the parser stands before ">" or "/>" of the start tag. */
static void on_start(void *arg, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri, int n_ns,
		     const xmlChar **ns, int n_attr, int n_defaulted, const xmlChar **attr)
{
	xmlParserCtxtPtr ctxt = arg;
	bool open = *ctxt->input->cur == '>';

	xmlSAX2StartElementNs(ctxt, local, prefix, uri, n_ns, ns, n_attr, n_defaulted, attr);
	if (open && ctxt->node)
		ctxt->node->_private = ctxt->node; /* a mark, not a pointer */
}

static void on_end(void *arg, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri)
{
	xmlParserCtxtPtr ctxt = arg;
	xmlNodePtr node = ctxt->node;

	if (node && node->_private && !node->children)
		xmlAddChild(node, xmlNewDocText(node->doc, (const xmlChar *)""));
	if (node)
		node->_private = NULL;
	xmlSAX2EndElementNs(ctxt, local, prefix, uri);
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
	ctxt->sax->startElementNs = on_start;
	ctxt->sax->endElementNs = on_end;
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

int xmlconf_parse(const char *name, const void *data, size_t len, bool sep, struct xmlconf **ret,
		  struct err *e)
{
	const uint8_t *bytes = data;

	if (check_bytes(name, bytes, len, e) < 0)
		return -1;
	if (len >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0) { /* a byte order mark */
		bytes += 3;
		len -= 3;
	}
	struct xmlconf *x = calloc(1, sizeof(*x));
	if (!x)
		return err_sys(e, ERR_SYSTEM, ENOMEM, "%s", name);
	read_declaration(bytes, len, x);
	if ((is_utf8(x) && xml_check_utf8(name, bytes, len, e) < 0) ||
	    read_document(name, bytes, len, is_utf8(x), &x->doc, e) < 0 ||
	    check_root(name, x->doc, sep, e) < 0) {
		xmlconf_free(x);
		return -1;
	}
	*ret = x;
	return 0;
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
	free(x);
}

/* ---- load elements */

/* 0 = a load element, its number (0: bare) in *ret; 1 = something else. */
static int load_number(const xmlNode *node, int *ret)
{
	size_t prefix = strlen(LOAD_ELEMENT);
	const char *name = (const char *)node->name;
	int number = 0;

	if (node->type != XML_ELEMENT_NODE || strncmp(name, LOAD_ELEMENT, prefix) != 0)
		return 1;
	for (const char *p = name + prefix; *p; p++) {
		if (*p < '0' || *p > '9' || number > 999999)
			return 1;
		number = number * 10 + (*p - '0');
	}
	*ret = number;
	return 0;
}

static xmlNodePtr first_child(const struct xmlconf *x)
{
	return xmlDocGetRootElement(x->doc)->children;
}

/* `text` as all that the element holds; "" leaves <x></x>. */
static int set_text(xmlNodePtr node, const char *text)
{
	xmlNodePtr fresh = xmlNewDocText(node->doc, (const xmlChar *)text);

	if (!fresh)
		return -1;
	while (node->children) {
		xmlNodePtr child = node->children;
		xmlUnlinkNode(child);
		xmlFreeNode(child);
	}
	xmlAddChild(node, fresh);
	return 0;
}

/* Behind which child a new load element goes: the last of its kind, else callManagerGroup, else the last
 * element. */
static xmlNodePtr place_for_load(const struct xmlconf *x)
{
	xmlNodePtr last_load = NULL, group = NULL, last = NULL;
	int number;

	for (xmlNodePtr c = first_child(x); c; c = c->next) {
		if (c->type != XML_ELEMENT_NODE)
			continue;
		last = c;
		if (load_number(c, &number) == 0)
			last_load = c;
		if (strcmp((const char *)c->name, "callManagerGroup") == 0)
			group = c;
	}
	return last_load ? last_load : group ? group : last;
}

static xmlNodePtr new_load_element(const struct xmlconf *x, const struct xmlconf_load *l)
{
	char name[sizeof(LOAD_ELEMENT) + 12] = LOAD_ELEMENT;

	if (l->number)
		snprintf(name, sizeof(name), LOAD_ELEMENT "%d", l->number);
	xmlNodePtr node = xmlNewDocNode(x->doc, NULL, (const xmlChar *)name, NULL);
	if (!node)
		return NULL;
	if ((l->label[0] && !xmlNewProp(node, (const xmlChar *)"model", (const xmlChar *)l->label)) ||
	    set_text(node, l->load) < 0) {
		xmlFreeNode(node);
		return NULL;
	}
	return node;
}

static int add_load(struct xmlconf *x, const struct xmlconf_load *l)
{
	xmlNodePtr node = new_load_element(x, l);
	xmlNodePtr behind = place_for_load(x);

	if (!node)
		return -1;
	if (!behind) {
		xmlAddChild(xmlDocGetRootElement(x->doc), node);
		return 0;
	}
	/* On a line of its own, indented as its neighbour is. */
	xmlNodePtr blank = behind->prev && xmlIsBlankNode(behind->prev) ? xmlCopyNode(behind->prev, 1) : NULL;
	xmlAddNextSibling(behind, node);
	if (blank)
		xmlAddPrevSibling(node, blank);
	return 0;
}

/* Every element of that number set. Returns how many, -1 = no memory. */
static int set_existing(struct xmlconf *x, const struct xmlconf_load *l)
{
	int n = 0, number;

	for (xmlNodePtr c = first_child(x); c; c = c->next) {
		if (load_number(c, &number) != 0 || number != l->number)
			continue;
		if (set_text(c, l->load) < 0)
			return -1;
		n++;
	}
	return n;
}

/* The load elements, all or the bare ones alone, each with the blank before it. */
static void remove_elements(struct xmlconf *x, bool bare_only)
{
	xmlNodePtr next;
	int number;

	for (xmlNodePtr c = first_child(x); c; c = next) {
		next = c->next;
		if (load_number(c, &number) != 0 || (bare_only && number != 0))
			continue;
		if (c->prev && xmlIsBlankNode(c->prev)) {
			xmlNodePtr blank = c->prev;
			xmlUnlinkNode(blank);
			xmlFreeNode(blank);
		}
		xmlUnlinkNode(c);
		xmlFreeNode(c);
	}
}

void xmlconf_remove_loads(struct xmlconf *x)
{
	remove_elements(x, false);
}

int xmlconf_set_loads(struct xmlconf *x, const struct xmlconf_load *loads, size_t n, bool remove_bare,
		      struct err *e)
{
	bool bare_given = false;

	for (size_t i = 0; i < n; i++) {
		int found = set_existing(x, &loads[i]);
		if (found < 0 || (found == 0 && add_load(x, &loads[i]) < 0))
			return err_sys(e, ERR_SYSTEM, ENOMEM, "setting %s%d", LOAD_ELEMENT, loads[i].number);
		bare_given |= loads[i].number == 0;
	}
	if (remove_bare && !bare_given)
		remove_elements(x, true);
	return 0;
}

static bool leads_elsewhere(const xmlNode *node)
{
	const char *name = (const char *)node->name;
	size_t len = strlen(name);

	return strcmp(name, "processNodeName") == 0 || (len >= 3 && strcmp(name + len - 3, "URL") == 0);
}

/* The node behind `node` in document order, within `top`. */
static xmlNodePtr next_node(xmlNodePtr node, const xmlNode *top)
{
	if (node->type == XML_ELEMENT_NODE && node->children)
		return node->children;
	while (node && node != top && !node->next)
		node = node->parent;
	return !node || node == top ? NULL : node->next;
}

int xmlconf_clear_callmanager(struct xmlconf *x, struct err *e)
{
	xmlNodePtr top = xmlDocGetRootElement(x->doc);

	for (xmlNodePtr c = top; c; c = next_node(c, top))
		if (c->type == XML_ELEMENT_NODE && leads_elsewhere(c) && set_text(c, "") < 0)
			return err_sys(e, ERR_SYSTEM, ENOMEM, "emptying %s", (const char *)c->name);
	return 0;
}

static xmlNodePtr first_named(struct xmlconf *x, const char *name)
{
	xmlNodePtr top = xmlDocGetRootElement(x->doc);

	for (xmlNodePtr c = top; c; c = next_node(c, top))
		if (c->type == XML_ELEMENT_NODE && strcmp((const char *)c->name, name) == 0)
			return c;
	return NULL;
}

/* A chain of elements, each in the one before. The innermost, or NULL: no memory. */
static xmlNodePtr add_chain(xmlNodePtr at, const char *const *names)
{
	for (; at && *names; names++)
		at = xmlNewChild(at, NULL, (const xmlChar *)*names, NULL);
	return at;
}

static xmlNodePtr callmanager_make(struct xmlconf *x)
{
	static const char *const manager[] = { "callManagerGroup", "members", "member", "callManager", NULL };
	static const char *const port[] = { "ports", "ethernetPhonePort", NULL };
	static const char *const node[] = { "processNodeName", NULL };
	xmlNodePtr cm = first_named(x, "callManager");

	if (!cm)
		cm = add_chain(xmlDocGetRootElement(x->doc), manager);
	if (!cm || (!first_named(x, "ethernetPhonePort") && !add_chain(cm, port)))
		return NULL;
	return add_chain(cm, node);
}

int xmlconf_set_callmanager(struct xmlconf *x, const char *address, struct err *e)
{
	if (xmlconf_clear_callmanager(x, e) < 0)
		return -1;
	xmlNodePtr node = first_named(x, "processNodeName");
	if (!node)
		node = callmanager_make(x);
	xmlNodePtr port = first_named(x, "ethernetPhonePort");
	if (!node || set_text(node, address) < 0 || (port && set_text(port, SCCP_PORT_TEXT) < 0))
		return err_sys(e, ERR_SYSTEM, ENOMEM, "setting processNodeName");
	return 0;
}

static void free_text(xmlChar **text)
{
	if (*text)
		xmlFree(*text);
}

int xmlconf_get_load(const struct xmlconf *x, int number, char *ret, size_t size)
{
	static const char blanks[] = " \t\r\n";
	int found;

	for (xmlNodePtr c = first_child(x); c; c = c->next) {
		if (load_number(c, &found) != 0 || found != number)
			continue;
		CLEANUP(free_text) xmlChar *content = xmlNodeGetContent(c);
		const char *text = content ? (const char *)content : "";
		text += strspn(text, blanks);
		size_t len = strlen(text);
		while (len > 0 && strchr(blanks, text[len - 1]))
			len--;
		snprintf(ret, size, "%.*s", (int)len, text);
		return 0;
	}
	return 1;
}

/* ---- writing */

static void free_buffer(xmlBufferPtr *buf)
{
	if (*buf)
		xmlBufferFree(*buf);
}

static int write_document(const struct xmlconf *x, xmlBufferPtr buf, struct err *e)
{
	xmlSaveCtxtPtr save = xmlSaveToBuffer(buf, x->encoding, XML_SAVE_NO_DECL | XML_SAVE_AS_XML);

	if (!save)
		return err_set(e, ERR_SYSTEM, "writing XML in encoding %s", x->encoding);
	long written = xmlSaveDoc(save, x->doc);
	int closed = xmlSaveClose(save);
	if (written < 0 || closed < 0 || xmlBufferLength(buf) == 0)
		return err_set(e, ERR_SYSTEM, "writing XML in encoding %s", x->encoding);
	return 0;
}

int xmlconf_format(const struct xmlconf *x, size_t pad_to, struct strbuf *sb, struct err *e)
{
	CLEANUP(free_buffer) xmlBufferPtr buf = xmlBufferCreate();
	size_t declaration = x->declaration[0] ? strlen(x->declaration) + 1 : 0;

	if (!buf)
		return err_sys(e, ERR_SYSTEM, ENOMEM, "writing XML");
	if (write_document(x, buf, e) < 0)
		return -1;
	size_t len = declaration + (size_t)xmlBufferLength(buf);
	if (pad_to > 0 && pad_to != len && pad_to < len + PAD_MIN)
		return err_set(e, ERR_LIMIT, "the XML has %zu bytes and cannot be made %zu", len, pad_to);
	if (declaration) {
		strbuf_add(sb, x->declaration);
		strbuf_add_char(sb, '\n');
	}
	strbuf_add_bytes(sb, xmlBufferContent(buf), (size_t)xmlBufferLength(buf));
	if (pad_to > len) {
		strbuf_add(sb, "<!--");
		for (size_t i = len + PAD_MIN; i < pad_to; i++)
			strbuf_add_char(sb, '.');
		strbuf_add(sb, "-->\n");
	}
	return strbuf_check(sb, "XML", e);
}
