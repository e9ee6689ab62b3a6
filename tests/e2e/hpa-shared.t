#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# The same over tftpd-hpa: layout = shared, where in.tftpd has a map without a rule.
export SITE_SERVER=tftpd-hpa
. "$(dirname "$0")/shared.t"
