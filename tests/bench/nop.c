/* SPDX-License-Identifier: MPL-2.0 */
/* The script that does nothing: what loadstep-event is measured against. */
int main(void)
{
	return 0;
}
