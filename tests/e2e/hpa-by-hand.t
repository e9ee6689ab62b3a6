#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# The same over tftpd-hpa: a phone played by hand.
export SITE_SERVER=tftpd-hpa
. "$(dirname "$0")/by-hand.t"
