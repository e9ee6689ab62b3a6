/* SPDX-License-Identifier: MPL-2.0 */
/*
 * One boot of a java phone, and the life of its application: configuration, a new load if it names one, then
 * what an application asks for that is at ease. Inferred, because nothing was captured of unregistered ones: that
 * they read their configuration again every --repoll seconds, and ask again then for a load they did not take.
 */
#include "vp_java.h"

/* What is asked for behind the configuration; mostly in vain (F§2.5, F§8 row 54). Exact names of two: inferred. */
static enum vp_end read_extras(struct vp *vp, bool sip)
{
	static const char *const names[2][6] = {
		{ "/mk-sccp.jar", "/g3-tones.xml", "Ringlist.xml", "DistinctiveRingList.xml" },
		{ "/mk-sip.jar", "/g3-tones.xml", "dialplan.xml", "softkeys.xml", "Ringlist.xml",
		  "DistinctiveRingList.xml" },
	};
	enum vp_end end = VP_OK;

	for (size_t i = 0; i < 6 && names[sip][i] && end <= VP_MISSING; i++) {
		struct vp_file file = { 0 };

		end = vp_java_get(vp, names[sip][i], &file);
		vp_file_fini(&file);
	}
	return end == VP_MISSING ? VP_OK : end;
}

/* Nothing to change. An SCCP phone without a SEP file has no locale to ask for (inferred). */
static enum vp_end idle(struct vp *vp, bool sip, bool own)
{
	enum vp_end end = VP_OK;

	vp_display(vp, sip && !own ? "Unprovisioned" : "Registering");
	if (!vp->settled && (sip || own))
		end = read_extras(vp, sip);
	if (end == VP_OK)
		end = vp_settle(vp, sip ? "sip" : "sccp", vp->flash.java.load);
	if (end == VP_OK && own && vp->opt.provisioned) /* registered: no reason to read anything again */
		end = vp_pause_for_ever(vp);
	return end;
}

static enum vp_end run_app(struct vp *vp)
{
	const struct vp_java_flash *f = &vp->flash.java;
	bool sip = strncmp(f->load, "SIP", 3) == 0;
	char load[LOAD_NAME_MAX];
	bool own;

	vp_say(vp, "runs: %s (%s application)", *f->load ? f->load : "-", sip ? "SIP" : "SCCP");
	for (;;) {
		enum vp_end end = vp_java_read_config(vp, load, &own);

		if (end == VP_OK && *load && strcmp(load, f->load) != 0)
			end = vp_java_upgrade(vp, load); /* an equal one is not even asked for */
		else if (end == VP_MISSING)
			end = VP_OK;
		if (end == VP_OK)
			end = idle(vp, sip, own);
		if (end < VP_REBOOT)
			end = vp_pause_until_reread(vp, f->load);
		if (end != VP_OK)
			return end;
	}
}

static enum vp_end erase(struct vp *vp)
{
	struct vp_java_flash *f = &vp->flash.java;

	vp->was_reset = true;
	vp_say(vp, "reset: all is erased but the boot code");
	f->state = VP_PART_NONE;
	f->load[0] = f->trust[0] = '\0';
	memset(f->part, 0, sizeof f->part);
	vp->opt.alternate_tftp = 0; /* F§1.5 */
	vp->opt.trust = NULL;
	return vp_commit(vp);
}

/* Options that say what is in the flash. */
static enum vp_end prepare_flash(struct vp *vp)
{
	struct vp_java_flash *f = &vp->flash.java;

	if (vp->opt.boot_code)
		snprintf(f->boot_code, sizeof f->boot_code, "%s", vp->opt.boot_code);
	if (vp->opt.factory_reset && !vp->was_reset)
		return erase(vp);
	if (vp->opt.trust)
		snprintf(f->trust, sizeof f->trust, "%s", vp->opt.trust);
	return VP_OK;
}

enum vp_end vp_java_boot(struct vp *vp)
{
	char option60[64];
	enum vp_end end = prepare_flash(vp);

	if (end != VP_OK)
		return end;
	vp_flash_print(vp);
	vp_trace_boot(vp);
	vp->settled = vp->in_loader = false;
	vp->next_port = 0;
	vp->http = VP_HTTP_UNTRIED;
	/* Boot code has no other class than the application: no evidence that it differs (F§1.2). */
	snprintf(option60, sizeof option60, "Cisco Systems, Inc. IP Phone CP-%s", vp->opt.model->cp);
	end = vp_pause(vp, vp->next_boot_ms);
	if (end == VP_OK)
		end = vp_dhcp_acquire(vp, option60);
	if (end == VP_OK)
		end = vp->flash.java.state == VP_PART_VALID ? run_app(vp) : vp_java_boot_code_run(vp);
	vp_dhcp_drop(vp);
	return end;
}
