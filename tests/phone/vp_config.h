/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The load a configuration file names, as a phone reads it: XML (XMLDefault, SEP), "key: value"
 * (SIP…cnf), the one line of OS79XX.TXT, and the manifest of a load. Text in, name out; nothing is fetched
 * here.
 */
#ifndef VP_CONFIG_H
#define VP_CONFIG_H

#include "load_names.h"

struct vp_manifest {
	char loader_file[LOAD_NAME_MAX]; /* .sbn */
	char app_file[LOAD_NAME_MAX];    /* .sb2 */
	char la_version[LOAD_NAME_MAX];
};

/*
 * loadInformation<model number>, else the bare element. 0 found; 1 well-formed, but no (or an empty) load; -1
 * not well-formed, or not a Default or device document. number: as in F§5.2.
 */
int vp_config_xml_load(const char *text, unsigned number, char ret_load[LOAD_NAME_MAX]);

/* The first processNodeName, wherever it stands; "" where there is none, or an empty one. */
void vp_config_xml_node(const char *text, char ret_node[LOAD_NAME_MAX]);

/* image_version of a SIP configuration; SEPDefault.cnf is read the same way (inferred). 0 found, 1 not. */
int vp_config_cnf_load(const char *text, char ret_load[LOAD_NAME_MAX]);

/*
 * OS79XX.TXT. Only a line end is taken off: a blank behind the name becomes part of it (F§3.2, CSCdv19260).
 */
int vp_config_os79xx_load(const char *text, char ret_load[LOAD_NAME_MAX]);

/*
 * As a java phone reads it: under Default only its numbered element, under device only the bare one (F§5.1).
 * Returns as above.
 */
int vp_config_java_load(const char *text, unsigned number, char ret_load[LOAD_NAME_MAX]);

/* Whether its root is Default. */
bool vp_config_is_default(const char *text);

/* Body of a .loads file, LF or CRLF (F§3.4). 0, or -1 where a member or LA_VERSION is missing. */
int vp_config_manifest(const char *body, struct vp_manifest *ret_manifest);

#endif
