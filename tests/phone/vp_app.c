/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The applications above a universal loader. SCCP reads its configuration, believes a new load at the second
 * reading and leaves the fetching to the loader (F§2.1). SIP reads SIPDefault.cnf and its own file, asks for
 * the latter for ever where there is none, and never looks at XMLDefault (F§2.3).
 *
 * Inferred: that an SCCP application without a CallManager goes on reading (--repoll, one phone was seen
 * doing it twice) or does not (--silent); what a SIP application does between seeing another image_version
 * and the loader.
 */
#include "vp_classic.h"

/* CTLSEP, SEP, and XMLDefault only where there is no SEP file (F§5.3). */
static enum vp_end read_sccp(struct vp *vp, char ret_load[LOAD_NAME_MAX], bool *ret_own)
{
	char name[LOAD_NAME_MAX];
	enum vp_end end = vp_fetch_other(vp, vp_mac_file(vp, "CTLSEP", ".tlv", name));

	*ret_own = false;
	if (end != VP_OK)
		return end;
	end = vp_fetch_xml(vp, vp_mac_file(vp, "SEP", ".cnf.xml", name), ret_load);
	*ret_own = end == VP_OK;
	if (end != VP_MISSING)
		return end;
	end = vp_fetch_xml(vp, "XMLDefault.cnf.xml", ret_load);
	return end == VP_REFUSED ? VP_MISSING : end; /* the tight loop was seen with SEP files only */
}

/* What a phone with a SEP file asks for next (F§2.1). */
static enum vp_end read_locale(struct vp *vp)
{
	enum vp_end end = vp_fetch_other(vp, "/7960-font.xml");

	return end == VP_OK ? vp_fetch_other(vp, "US/7960-tones.xml") : end;
}

/* Nothing to change: at ease until the next reading. */
static enum vp_end sccp_idle(struct vp *vp, bool own)
{
	enum vp_end end = VP_OK;

	vp_display(vp, "Opening");
	if (own && !vp->settled)
		end = read_locale(vp);
	if (end == VP_OK)
		end = vp_settle(vp, "sccp", vp->flash.app);
	if (end == VP_OK && own && vp->opt.provisioned) /* registered: no reason to read anything again */
		end = vp_pause_for_ever(vp);
	if (end == VP_OK)
		end = vp_sccp_register(vp, vp->flash.app);
	return end == VP_OK ? vp_pause_until_reread(vp, vp->flash.app) : end;
}

/* It has read of another load, and registers all the same before it reads again (inferred; F§2.1 saw the two
 * readings, not what lies between). */
static enum vp_end sccp_read_of_another(struct vp *vp)
{
	enum vp_end end = vp_sccp_register(vp, vp->flash.app);

	return end == VP_OK ? vp_pause(vp, VP_SCCP_CONFIRM_MS) : end;
}

static enum vp_end sccp_run(struct vp *vp)
{
	char load[LOAD_NAME_MAX];
	bool own, believed = false;

	for (;;) {
		enum vp_end end = read_sccp(vp, load, &own);
		bool differs = end == VP_OK && *load && strcmp(load, vp->flash.app) != 0;

		if (differs && believed) {
			vp_display(vp, "Upgrading Software");
			return vp_reboot(vp, VP_INTO_LOADER, VP_SCCP_REBOOT_MS);
		}
		believed = differs;
		if (end >= VP_REBOOT)
			return end;
		if (differs)
			end = sccp_read_of_another(vp);
		else if (end == VP_SILENT)
			end = vp_pause(vp, VP_SILENT_PAUSE_MS);
		else if (end == VP_REFUSED)
			end = vp_pause(vp, VP_SEP_LOOP_MS);
		else
			end = sccp_idle(vp, own);
		if (end != VP_OK)
			return end;
	}
}

/* Another image_version than what runs sends the phone to its loader (F§2.3). */
static enum vp_end sip_judge(struct vp *vp, const char *version)
{
	if (!*version || strcmp(version, vp->flash.app) == 0)
		return VP_OK;
	vp_say(vp, "config: image_version %s", version);
	snprintf(vp->wanted, sizeof vp->wanted, "%s", version);
	vp_display(vp, "Upgrading Software");
	return vp_reboot(vp, VP_INTO_LOADER, VP_SCCP_REBOOT_MS);
}

/* SIPDefault.cnf, then SIP<MAC>.cnf, which overrides; *ret_own: the latter exists. */
static enum vp_end read_sip(struct vp *vp, const char *own_name, bool *ret_own)
{
	char common[LOAD_NAME_MAX], own[LOAD_NAME_MAX];
	enum vp_end end = vp_fetch_cnf(vp, "SIPDefault.cnf", common);

	if (end != VP_OK && end != VP_MISSING)
		return end;
	end = vp_fetch_cnf(vp, own_name, own);
	*ret_own = end == VP_OK;
	if (end != VP_OK && end != VP_MISSING)
		return end;
	return sip_judge(vp, *own ? own : common);
}

/* Unprovisioned: the own file every 31 s (F§2.3); once it is there the phone registers and is quiet. */
static enum vp_end sip_wait_for_own(struct vp *vp, const char *own_name)
{
	char own[LOAD_NAME_MAX];

	for (;;) {
		enum vp_end end = vp_pause(vp, VP_SIP_POLL_MS);

		if (end == VP_OK)
			end = vp_fetch_cnf(vp, own_name, own);
		if (end == VP_OK)
			return sip_judge(vp, own);
		if (end >= VP_REBOOT)
			return end;
	}
}

static enum vp_end sip_run(struct vp *vp)
{
	char own_name[LOAD_NAME_MAX];
	bool own = false;
	enum vp_end end;

	vp_mac_file(vp, "SIP", ".cnf", own_name);
	while ((end = read_sip(vp, own_name, &own)) == VP_SILENT) {
		end = vp_pause(vp, VP_SILENT_PAUSE_MS);
		if (end != VP_OK)
			return end;
	}
	if (end == VP_OK)
		end = vp_fetch_other(vp, "RINGLIST.DAT"); /* real ones ask for both at once */
	if (end == VP_OK)
		end = vp_fetch_other(vp, "dialplan.xml");
	if (end != VP_OK)
		return end;
	vp_display(vp, own ? "SIP" : "SIP (unprovisioned)");
	end = vp_settle(vp, "sip", vp->flash.app);
	if (end == VP_OK && !own)
		end = sip_wait_for_own(vp, own_name);
	return end == VP_OK ? vp_pause_for_ever(vp) : end;
}

enum vp_end vp_app_run(struct vp *vp)
{
	bool sip = strcmp(vp->flash.app_ident, IDENT_SIP) == 0;

	vp->in_loader = false;
	vp->wanted[0] = '\0';
	vp_say(vp, "runs: %s (%s application)", vp->flash.app, sip ? "SIP" : "SCCP");
	return sip ? sip_run(vp) : sccp_run(vp);
}
