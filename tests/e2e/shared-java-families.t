#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# The same with one root for all: its default loads are rotated with the stages, as its XMLDefault is.
export SITE_LAYOUT=shared
. "$(dirname "$0")/java-families.t"
