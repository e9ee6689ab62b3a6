#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# The same with one root for all, over tftpd-hpa.
export SITE_SERVER=tftpd-hpa SITE_LAYOUT=shared
. "$(dirname "$0")/java-families.t"
