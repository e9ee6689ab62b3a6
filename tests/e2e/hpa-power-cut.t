#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# The same over tftpd-hpa: a power cut between loader and application.
export SITE_SERVER=tftpd-hpa
. "$(dirname "$0")/power-cut.t"
