#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# The same over tftpd-hpa: an address that changes in the middle.
export SITE_SERVER=tftpd-hpa
. "$(dirname "$0")/address-change.t"
