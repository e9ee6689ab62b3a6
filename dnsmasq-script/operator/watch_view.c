/* SPDX-License-Identifier: MPL-2.0 */
#include "watch_view.h"

#include <string.h>

#include "strbuf.h"

const struct watch_row *watch_view_chosen(const struct watch_view *v, const struct watch_model *m)
{
	return v->at < m->n_shown ? &m->rows[m->shown[v->at]] : NULL;
}

/* ---- where it is */

static void find_chosen(struct watch_view *v, const struct watch_model *m)
{
	if (v->chosen == 0) {
		v->at = v->top = 0;
		return;
	}
	if (v->at < m->n_shown && m->rows[m->shown[v->at]].id == v->chosen)
		return;
	for (size_t i = 0; i < m->n_shown; i++)
		if (m->rows[m->shown[i]].id == v->chosen) {
			v->at = i;
			return;
		}
	/* it is gone: whoever stands there now */
	v->at = v->at < m->n_shown ? v->at : m->n_shown ? m->n_shown - 1 : 0;
	v->chosen = m->n_shown ? m->rows[m->shown[v->at]].id : 0;
}

void watch_view_settle(struct watch_view *v, const struct watch_model *m, size_t rows, size_t lines)
{
	size_t most = m->n_shown > rows ? m->n_shown - rows : 0;

	v->rows = rows > 0 ? rows : 1;
	find_chosen(v, m);
	if (v->at < v->top)
		v->top = v->at;
	if (v->at >= v->top + v->rows)
		v->top = v->at - v->rows + 1;
	v->top = v->top < most ? v->top : most;
	if (v->mode == MODE_PHONE || v->mode == MODE_HELP)
		v->text_top = lines <= v->rows		      ? 0
			      : v->text_top > lines - v->rows ? lines - v->rows
							      : v->text_top;
}

/* ---- keys */

static void choose(struct watch_view *v, const struct watch_model *m, size_t at)
{
	if (m->n_shown == 0)
		return;
	v->at = at < m->n_shown ? at : m->n_shown - 1;
	v->chosen = m->rows[m->shown[v->at]].id;
}

static size_t less(size_t a, size_t b)
{
	return a > b ? a - b : 0;
}

/* Where a movement leads from there; there itself = the key is none. */
static size_t moved(size_t from, int key, size_t page, size_t end)
{
	switch (key) {
	case WATCH_KEY_UP:
	case 'k':
		return less(from, 1);
	case WATCH_KEY_DOWN:
	case 'j':
		return from + 1;
	case WATCH_KEY_PAGE_UP:
		return less(from, page);
	case WATCH_KEY_PAGE_DOWN:
	case ' ':
		return from + page;
	case WATCH_KEY_HOME:
	case 'g':
		return 0;
	case WATCH_KEY_END:
	case 'G':
		return end;
	default:
		return from;
	}
}

static void to_top(struct watch_view *v, struct watch_model *m)
{
	watch_model_order(m);
	v->chosen = 0;
	v->at = v->top = 0;
}

static enum watch_do key_filter(struct watch_view *v, struct watch_model *m, int key)
{
	size_t len = strlen(m->filter);

	if (key == WATCH_KEY_ENTER || key == WATCH_KEY_ESCAPE) {
		v->mode = MODE_TABLE;
		if (key == WATCH_KEY_ENTER)
			return WATCH_DO_NOTHING;
		(void)text_copy(m->filter, sizeof(m->filter), v->before);
	} else if (key == WATCH_KEY_BACKSPACE && len > 0) {
		m->filter[len - 1] = '\0';
	} else if (key == 'U' - '@') {
		m->filter[0] = '\0';
	} else if (key >= ' ' && key < 127 && len < WATCH_FILTER_MAX) {
		m->filter[len] = (char)key;
		m->filter[len + 1] = '\0';
	}
	to_top(v, m);
	return WATCH_DO_NOTHING;
}

static enum watch_do key_text(struct watch_view *v, int key)
{
	if (key == WATCH_KEY_ESCAPE || key == WATCH_KEY_ENTER || key == 'q' || key == '?') {
		v->mode = MODE_TABLE;
		v->text_top = 0;
		return WATCH_DO_NOTHING;
	}
	if (key == 'p') {
		v->paused = !v->paused;
		return WATCH_DO_PAUSE;
	}
	v->text_top = moved(v->text_top, key, v->rows, SIZE_MAX - 1);
	return WATCH_DO_NOTHING;
}

static enum watch_do key_command(struct watch_view *v, struct watch_model *m, int key)
{
	switch (key) {
	case 'q':
		return WATCH_DO_QUIT;
	case 's':
		m->sort = (enum watch_sort)((m->sort + 1) % SORT_COUNT);
		to_top(v, m);
		break;
	case 'r':
		m->reverse = !m->reverse;
		to_top(v, m);
		break;
	case '/':
		v->mode = MODE_FILTER;
		(void)text_copy(v->before, sizeof(v->before), m->filter);
		break;
	case WATCH_KEY_ESCAPE:
		m->filter[0] = '\0';
		to_top(v, m);
		break;
	case 'p':
		v->paused = !v->paused;
		return WATCH_DO_PAUSE;
	case '?':
		v->mode = MODE_HELP;
		v->text_top = 0;
		break;
	case WATCH_KEY_ENTER:
		if (m->n_shown == 0)
			break;
		choose(v, m, v->at);
		v->mode = MODE_PHONE;
		v->text_top = 0;
		return WATCH_DO_OPEN;
	default:
		break;
	}
	return WATCH_DO_NOTHING;
}

enum watch_do watch_view_key(struct watch_view *v, struct watch_model *m, int key)
{
	if (v->mode == MODE_FILTER)
		return key_filter(v, m, key);
	if (v->mode != MODE_TABLE)
		return key_text(v, key);
	size_t to = moved(v->at, key, v->rows, m->n_shown ? m->n_shown - 1 : 0);

	if (key == WATCH_KEY_HOME || key == 'g')
		v->chosen = 0, v->at = v->top = 0;
	else if (to != v->at)
		choose(v, m, to);
	else
		return key_command(v, m, key);
	return WATCH_DO_NOTHING;
}
