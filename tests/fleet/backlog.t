#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# The same with fewer phones and a script that takes fifty milliseconds longer for each file: more transfers end than
# scripts can run, dnsmasq hands them over late and newest first (D§2), and its log sets the times right.
export PHONES=${PHONES:-100} EVENT_DELAY=${EVENT_DELAY:-0.05}
. "$(dirname "$0")/fleet300.t"
