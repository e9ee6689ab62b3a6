// SPDX-License-Identifier: MPL-2.0
// What is wrong with the page as it is shown now: lists of faults by kind, and some numbers. Run by page.pl in the browser.
(() => {
	const faults = { overflow: [], contrast: [], names: [], structure: [], outside: [] };
	const where = e => e.tagName.toLowerCase() + (e.id ? '#' + e.id : '') + (e.getAttribute('class') ? '.' + e.getAttribute('class') : '') +
		': ' + (e.textContent || '').trim().slice(0, 40);
	const all = selector => [...document.querySelectorAll(selector)];
	const shown = e => e.checkVisibility({ visibilityProperty: true });

	// ---- width: nothing is wider than the window, but for tables that scroll in their own box
	const root = document.documentElement;
	if (root.scrollWidth > root.clientWidth)
		faults.overflow.push(`page: ${root.scrollWidth} > ${root.clientWidth}`);
	for (const e of all('body *')) {
		if (e.closest('.scroll') || e.closest('svg svg, svg *') || !shown(e))
			continue;
		const box = e.getBoundingClientRect();
		if (box.width > 0 && (box.right > root.clientWidth + 0.5 || box.left < -0.5))
			faults.overflow.push(`${where(e)} [${box.left.toFixed()}, ${box.right.toFixed()}]`);
	}

	// ---- contrast (WCAG 2.2, 1.4.3 and 1.4.11)
	const rgba = text => (text.match(/[\d.]+/g) || [0, 0, 0, 0]).map(Number);
	const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
		.map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
		.reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
	const ratio = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);
	const ground = e => {
		for (; e; e = e.parentElement) {
			const c = rgba(getComputedStyle(e).backgroundColor);
			if (c.length < 4 || c[3] === 1)
				return c;
		}
		return [255, 255, 255];
	};
	let least = 99, texts = 0;
	const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	for (let n = walker.nextNode(); n; n = walker.nextNode()) {
		const e = n.parentElement;
		if (!n.data.trim() || e.closest('svg') || !shown(e))
			continue;
		const style = getComputedStyle(e), px = parseFloat(style.fontSize);
		const large = px >= 24 || (px >= 18.66 && style.fontWeight >= 700);
		const r = ratio(rgba(style.color), ground(e));
		texts++;
		least = Math.min(least, r);
		if (r < (large ? 3 : 4.5))
			faults.contrast.push(`${r.toFixed(2)} ${where(e)}`);
		if (px < 12)
			faults.contrast.push(`${px}px ${where(e)}`);
	}
	for (const e of all('svg path.a:not([fill-opacity]), svg path.k, svg path.f, svg path.p, svg path.q')) {
		const style = getComputedStyle(e), on = ground(e.closest('svg'));
		const paint = e.matches('.f, .p, .q') ? style.stroke : style.fill;
		if (ratio(rgba(paint), on) < 3)
			faults.contrast.push(`${ratio(rgba(paint), on).toFixed(2)} path.${e.getAttribute('class')}`);
	}

	// ---- names and structure
	for (const e of all('svg')) {
		const names = (e.getAttribute('aria-labelledby') || '').split(' ').map(id => document.getElementById(id));
		if (e.getAttribute('aria-hidden') === 'true')
			continue;
		if (e.getAttribute('role') !== 'img' || names.length < 2 || !names.every(x => x && x.textContent.trim()))
			faults.names.push(where(e));
	}
	for (const e of all('a, summary')) {
		const box = e.getBoundingClientRect();
		if (!e.textContent.trim())
			faults.names.push(where(e));
		if (e.matches('summary, nav a') && shown(e) && box.height < 24) // WCAG 2.2, 2.5.8
			faults.names.push(`${box.height}px high: ${where(e)}`);
	}
	for (const e of all('table')) {
		if (!e.caption || !e.caption.textContent.trim() || ![...e.querySelectorAll('th')].every(x => x.scope))
			faults.names.push(where(e));
	}
	const ids = all('[id]').map(e => e.id);
	ids.filter((id, i) => ids.indexOf(id) !== i).forEach(id => faults.structure.push(`twice: ${id}`));
	all('a').filter(e => !document.getElementById(e.hash.slice(1))).forEach(e => faults.structure.push(`leads nowhere: ${e.hash}`));
	let level = 0;
	for (const e of all('h1, h2, h3, h4')) {
		const l = Number(e.tagName[1]);
		if (l > level + 1 || (l === 1 && level))
			faults.structure.push(where(e));
		level = l;
	}
	for (const [selector, n] of [['html[lang]', 1], ['main', 1], ['header', 1], ['h1', 1], ['nav[aria-label]', 1], ['title', 1]])
		if (all(selector).length !== n && selector !== 'title' || !document.title)
			faults.structure.push(`${all(selector).length} ${selector}`);

	// ---- nothing from outside, nothing that runs
	for (const e of all('script, img, iframe, object, embed, link, base, form, [src]'))
		faults.outside.push(where(e));
	for (const e of all('[href]'))
		if (!e.getAttribute('href').startsWith('#'))
			faults.outside.push(where(e));
	for (const e of all('*'))
		for (const a of e.attributes)
			if (a.name.startsWith('on'))
				faults.outside.push(where(e));

	for (const kind in faults)
		faults[kind] = faults[kind].slice(0, 20);
	return JSON.stringify({ ...faults, title: document.title, elements: all('*').length, texts, least,
		height: root.scrollHeight, ground: getComputedStyle(document.body).backgroundColor });
})()
