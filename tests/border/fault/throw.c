/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Faults for hook_throw.t, which links the library anew from its own object files and lets the linker put
 * these functions before the real ones (--wrap): nothing of them is in the product. The last byte of the
 * asker's MAC says what is thrown, so one server plays all of it. Thrown from C by the names of the C++
 * runtime (the Itanium C++ ABI, which all of Kea's platforms have).
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unwind.h>

#include "hook.h"

/* The runtime's own names: reserved in C, so by the assembler's. */
extern void *exception_new(size_t size) __asm__("__cxa_allocate_exception");
extern void exception_throw(void *object, const void *type, void *destroy) __asm__("__cxa_throw")
	__attribute__((noreturn));
extern void throw_runtime_error(const char *what) __asm__("_ZSt21__throw_runtime_errorPKc")
	__attribute__((noreturn));
extern void throw_bad_alloc(void) __asm__("_ZSt17__throw_bad_allocv") __attribute__((noreturn));
extern const char type_of_int __asm__("_ZTIi");
extern const char type_of_text __asm__("_ZTIPKc");

enum fault {
	RUNTIME_ERROR = 0xe0,	 /* a std::exception, and a long one */
	BAD_ALLOC = 0xe1,
	AN_INT = 0xe2,
	A_TEXT = 0xe3,
	FOREIGN = 0xe4,		 /* of another language */
	HALF_WAY = 0xe5,	 /* the answer is filled in, then it throws */
	FIRST_OPTION = 0xe6,	 /* while the glue makes option 150 */
	SECOND_OPTION = 0xe7,	 /* 150 is made, 66 is not */
};

void __real_hook_on_reply(struct hook *h, const struct dhcp_query *q, struct dhcp_reply *ret,
			  struct hook_log *log);
void __wrap_hook_on_reply(struct hook *h, const struct dhcp_query *q, struct dhcp_reply *ret,
			  struct hook_log *log);
void __real_hook_on_gone(struct hook *h, const struct dhcp_gone *g, struct hook_log *log);
void __wrap_hook_on_gone(struct hook *h, const struct dhcp_gone *g, struct hook_log *log);
/* Option(universe, type, data), by the name that the test found in the glue. */
void real_option(void *self, int universe, uint16_t type, const void *data) __asm__("__real_" OPTION);
void wrap_option(void *self, int universe, uint16_t type, const void *data) __asm__("__wrap_" OPTION);

static _Thread_local uint16_t option_that_fails; /* 0 = none */

static void throw_value(int fault)
{
	const char **text;
	int *n;

	switch (fault) {
	case A_TEXT:
		text = exception_new(sizeof *text);
		*text = "only a text";
		exception_throw(text, &type_of_text, NULL);
	default:
		n = exception_new(sizeof *n);
		*n = 42;
		exception_throw(n, &type_of_int, NULL);
	}
}

static void throw_it(int fault)
{
	static _Thread_local struct _Unwind_Exception foreign;

	switch (fault) {
	case RUNTIME_ERROR:
	case HALF_WAY:
		throw_runtime_error("50% %s %1 of all, and a text that is longer than a short string");
	case BAD_ALLOC:
		throw_bad_alloc();
	case AN_INT:
	case A_TEXT:
		throw_value(fault);
		break;
	case FOREIGN:
		foreign = (struct _Unwind_Exception){ .exception_class = 0x4f54484552000000u };
		_Unwind_RaiseException(&foreign);
		abort(); /* comes back only where nobody catches */
	default:
		break;
	}
}

void __wrap_hook_on_reply(struct hook *h, const struct dhcp_query *q, struct dhcp_reply *ret,
			  struct hook_log *log)
{
	int fault = q->mac_known ? q->mac[5] : 0;

	option_that_fails = fault == FIRST_OPTION ? 150 : fault == SECOND_OPTION ? 66 : 0;
	if (fault != HALF_WAY)
		throw_it(fault);
	__real_hook_on_reply(h, q, ret, log);
	throw_it(fault);
}

void wrap_option(void *self, int universe, uint16_t type, const void *data)
{
	if (type && type == option_that_fails)
		throw_bad_alloc();
	real_option(self, universe, type, data);
}

void __wrap_hook_on_gone(struct hook *h, const struct dhcp_gone *g, struct hook_log *log)
{
	if (g->mac_known)
		throw_it(g->mac[5]);
	__real_hook_on_gone(h, g, log);
}
