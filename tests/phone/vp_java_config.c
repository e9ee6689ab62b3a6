/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What a java application reads at each boot, in its order: CTLSEP, from 9.x on ITLSEP and ITLFile, SEP, and
 * XMLDefault only where there is no SEP file (F§2.5, F§5.3). With a trust list it asks for the signed variants and
 * takes nothing else.
 *
 * Inferred: which code is "9.x" (the running load's major version); that a trust list is installed from any
 * CTLSEP or ITL file that is not empty; that a phone with one asks for XMLDefault.cnf.xml.sgn, too; that a signed
 * file counts where the server still has the list the phone holds.
 */
#include "vp_java.h"

#include "vp_config.h"
#include "vp_http.h"

#define FIRST_ITL_MAJOR 9
#define FIRST_HTTP         \
	{                  \
		9, 3, 0, 0 \
	} /* F§2.5: "about 9.3" */

static struct java_version running(const struct vp *vp)
{
	struct java_load load = { .version = { 0, 0, 0, 0 } };

	(void)java_load_parse(vp->flash.java.load, &load);
	return load.version;
}

/* HTTP first, from 9.3 on; where nobody listens, TFTP for the rest of this boot (F§2.5). */
static bool asks_by_http(struct vp *vp)
{
	const struct java_version first = FIRST_HTTP;
	bool app = vp->flash.java.state == VP_PART_VALID;

	if (vp->http == VP_HTTP_UNTRIED)
		vp->http =
			app && java_version_compare(running(vp), first) >= 0 ? vp_http_probe(vp) : VP_HTTP_NO;
	return vp->http == VP_HTTP_YES;
}

enum vp_end vp_java_get(struct vp *vp, const char *name, struct vp_file *ret_file)
{
	enum vp_end end =
		asks_by_http(vp) ? vp_http_get(vp, name, ret_file) : vp_tftp_get(vp, name, NULL, ret_file);

	if (end != VP_SILENT)
		return end;
	vp_display(vp, "TFTP timeout");
	if (vp->opt.once)
		return VP_DONE;
	vp_dhcp_release(vp);
	return VP_NET_LOST;
}

/* One of the trust lists: not there or empty is usual, another is kept for ever (F§2.5). */
static enum vp_end read_trust(struct vp *vp, const char *name, bool *ret_ours)
{
	struct vp_file file = { 0 };
	char id[LOAD_NAME_MAX] = "";
	enum vp_end end = vp_java_get(vp, name, &file);

	if (end == VP_OK && file.n)
		snprintf(id, sizeof id, "fnv-%08x", fnv1a(file.bytes, file.n));
	vp_file_fini(&file);
	if (end != VP_OK || !*id)
		return end == VP_MISSING ? VP_OK : end;
	if (strcmp(id, vp->flash.java.trust) == 0)
		*ret_ours = true;
	if (*vp->flash.java.trust)
		return VP_OK;
	memcpy(vp->flash.java.trust, id, sizeof id);
	*ret_ours = true;
	vp_say(vp, "trust: %s installed", name);
	return vp_commit(vp);
}

static enum vp_end read_trust_lists(struct vp *vp, bool *ret_ours)
{
	char name[LOAD_NAME_MAX];
	enum vp_end end = read_trust(vp, vp_mac_file(vp, "CTLSEP", ".tlv", name), ret_ours);

	if (end != VP_OK || running(vp).major < FIRST_ITL_MAJOR)
		return end;
	end = read_trust(vp, vp_mac_file(vp, "ITLSEP", ".tlv", name), ret_ours);
	return end == VP_OK ? read_trust(vp, "ITLFile.tlv", ret_ours) : end;
}

/* The document in a file, behind its signature where it must have one; NULL where it is not to be trusted. */
static const char *trusted_text(const struct vp *vp, const char *name, const struct vp_file *file, bool ours)
{
	struct vp_image header;
	const char *why;

	if (!*vp->flash.java.trust)
		return (const char *)file->bytes;
	if (!ours || vp_image_read_header(file->bytes, file->n, &header, &why) != 0 ||
	    !vp_image_signed_as(&header, name))
		return NULL;
	return (const char *)file->bytes + header.body_at;
}

static enum vp_end read_document(struct vp *vp, const char *plain, bool ours, char ret_load[LOAD_NAME_MAX])
{
	char name[LOAD_NAME_MAX + 8];
	struct vp_file file = { 0 };
	const char *text;
	enum vp_end end;

	ret_load[0] = '\0';
	snprintf(name, sizeof name, "%s%s", plain, *vp->flash.java.trust ? ".sgn" : "");
	end = vp_java_get(vp, name, &file);
	if (end != VP_OK)
		return end;
	text = trusted_text(vp, name, &file, ours);
	if (!text) {
		vp_say_refused(vp, name, "not signed by a cluster this phone trusts");
		end = VP_REFUSED;
	} else if (vp_config_java_load(text, vp->opt.model->number, ret_load) < 0) {
		vp_say(vp, "config: %s cannot be read", name);
		end = VP_REFUSED;
	} else if (!vp_counts_as_config(vp, name, text)) {
		ret_load[0] = '\0';
	}
	vp_file_fini(&file);
	return end;
}

enum vp_end vp_java_read_config(struct vp *vp, char ret_load[LOAD_NAME_MAX], bool *ret_own)
{
	char name[LOAD_NAME_MAX];
	bool ours = false;
	enum vp_end end = read_trust_lists(vp, &ours);

	*ret_own = false;
	ret_load[0] = '\0';
	if (end != VP_OK)
		return end;
	end = read_document(vp, vp_mac_file(vp, "SEP", ".cnf.xml", name), ours, ret_load);
	*ret_own = end == VP_OK;
	return end == VP_MISSING ? read_document(vp, "XMLDefault.cnf.xml", ours, ret_load) : end;
}
