#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# The same over tftpd-hpa: an ordinary client with a phone's address.
export SITE_SERVER=tftpd-hpa
. "$(dirname "$0")/foreign-client.t"
