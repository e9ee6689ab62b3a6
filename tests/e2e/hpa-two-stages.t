#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# The same over tftpd-hpa: two phones at different stages.
export SITE_SERVER=tftpd-hpa
. "$(dirname "$0")/two-stages.t"
