#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# The same over tftpd-hpa: a day on which nobody is started.
export SITE_SERVER=tftpd-hpa
. "$(dirname "$0")/nobody-started.t"
