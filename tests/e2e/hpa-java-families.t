#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# The same over tftpd-hpa: all java models, by a climb and by a factory reset.
export SITE_SERVER=tftpd-hpa
. "$(dirname "$0")/java-families.t"
