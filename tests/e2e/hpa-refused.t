#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# The same over tftpd-hpa: a refused image.
export SITE_SERVER=tftpd-hpa
. "$(dirname "$0")/refused.t"
