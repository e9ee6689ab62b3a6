/* SPDX-License-Identifier: MPL-2.0 */
/*
 * For `make tidy` alone, included before everything: what the analysers cannot know, since they look into one
 * file at a time: the functions that fill in an error return -1. Not for err.c, which defines them.
 */
#ifndef LOADSTEP_ANALYSIS_H
#define LOADSTEP_ANALYSIS_H

#include "err.h"

#define err_set(...) ((void)err_set(__VA_ARGS__), -1)
#define err_sys(...) ((void)err_sys(__VA_ARGS__), -1)
#define err_wrap(...) ((void)err_wrap(__VA_ARGS__), -1)

#endif
