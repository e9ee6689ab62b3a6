#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# The same over tftpd-hpa: the ladder.
export SITE_SERVER=tftpd-hpa
. "$(dirname "$0")/ladder.t"
