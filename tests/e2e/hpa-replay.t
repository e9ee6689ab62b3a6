#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# The same over tftpd-hpa: replay of its log.
export SITE_SERVER=tftpd-hpa
. "$(dirname "$0")/replay.t"
