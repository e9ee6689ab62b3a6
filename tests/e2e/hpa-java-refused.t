#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# The same over tftpd-hpa, which tells questions alone: three whole rounds and a fourth question say that a load is refused.
export SITE_SERVER=tftpd-hpa
. "$(dirname "$0")/java-refused.t"
