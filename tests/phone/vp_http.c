/* SPDX-License-Identifier: MPL-2.0 */
/*
 * GET of RFC 9112, as little of it as an answer needs that ends with its connection. Inferred: everything but the
 * port, namely that one refusal means TFTP until the next boot, that a missing file is not asked for again by TFTP,
 * and how long an answer may take.
 */
#include "vp_http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "vp_java.h"

#define ANSWER_MS 4000
#define ANSWER_FLOOR_MS 1000 /* wall time, so that a busy host is no silent server */
#define STEP_MS 5
#define FILE_MAX (8u << 20)

static int64_t patience(const struct vp *vp)
{
	int64_t wall = vp_scaled(vp, ANSWER_MS);

	return vp_now_ms() + (wall < ANSWER_FLOOR_MS ? ANSWER_FLOOR_MS : wall);
}

static bool is_connected(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	int error = 0;
	socklen_t n = sizeof error;

	return poll(&p, 1, 0) == 1 && getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &n) == 0 && error == 0;
}

/* *ret_fd: connected, or -1 where nobody accepts. */
static enum vp_end open_connection(struct vp *vp, int *ret_fd)
{
	struct sockaddr_in me = { .sin_family = AF_INET, .sin_addr.s_addr = vp->dhcp.ack.yiaddr };
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(VP_JAVA_HTTP_PORT) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int64_t until = patience(vp);
	enum vp_end end = VP_OK;
	int rc;

	*ret_fd = -1;
	if (fd < 0)
		return VP_BROKEN;
	to.sin_addr.s_addr = vp->dhcp.tftp_server;
	rc = bind(fd, (struct sockaddr *)&me, sizeof me);
	if (rc == 0)
		rc = connect(fd, (struct sockaddr *)&to, sizeof to);
	if (rc != 0 && errno == EINPROGRESS)
		while (end == VP_OK && vp_now_ms() < until) {
			struct pollfd p = { .fd = fd, .events = POLLOUT };

			if (poll(&p, 1, 0) == 1)
				break;
			end = vp_wait(vp, -1, vp_now_ms() + STEP_MS, NULL);
		}
	if (end == VP_OK && is_connected(fd))
		*ret_fd = fd;
	else
		close(fd);
	return end;
}

enum vp_http vp_http_probe(struct vp *vp)
{
	int fd;

	if (open_connection(vp, &fd) != VP_OK || fd < 0) {
		vp_say(vp, "http: nobody listens, so TFTP");
		return VP_HTTP_NO;
	}
	close(fd);
	return VP_HTTP_YES;
}

/* All until the server closes; VP_SILENT where it does not answer in time. */
static enum vp_end read_all(struct vp *vp, int fd, struct vp_file *f)
{
	size_t room = 0;

	for (;;) {
		bool readable = false;
		enum vp_end end = vp_wait(vp, fd, patience(vp), &readable);
		ssize_t n;

		if (end != VP_OK)
			return end;
		if (!readable || f->n > FILE_MAX)
			return VP_SILENT;
		if (f->n + 4096 + 1 > room) {
			uint8_t *grown = realloc(f->bytes, room = room ? room * 2 : 64 * 1024);

			if (!grown)
				return VP_BROKEN;
			f->bytes = grown;
		}
		n = recv(fd, f->bytes + f->n, room - f->n - 1, 0);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (n <= 0)
			return n == 0 ? VP_OK : VP_SILENT;
		f->n += (size_t)n;
		f->bytes[f->n] = '\0';
	}
}

/* Leaves the body alone in the file. */
static enum vp_end take_body(struct vp_file *f)
{
	unsigned status = 0;
	char *body = f->n ? strstr((char *)f->bytes, "\r\n\r\n") : NULL;
	size_t head;

	if (!body || sscanf((char *)f->bytes, "HTTP/1.%*u %u", &status) != 1)
		return VP_SILENT;
	if (status != 200)
		return VP_MISSING;
	head = (size_t)(body + 4 - (char *)f->bytes);
	memmove(f->bytes, f->bytes + head, f->n - head + 1);
	f->n -= head;
	return VP_OK;
}

static enum vp_end talk(struct vp *vp, int fd, const char *name, struct vp_file *ret_file)
{
	char request[256], host[INET_ADDRSTRLEN];
	int n = snprintf(request, sizeof request,
			 "GET /%s HTTP/1.1\r\nHost: %s:%d\r\nConnection: close\r\n\r\n",
			 name + (*name == '/'), inet_ntop(AF_INET, &vp->dhcp.tftp_server, host, sizeof host),
			 VP_JAVA_HTTP_PORT);
	enum vp_end end;

	if (send(fd, request, (size_t)n, MSG_NOSIGNAL) != n)
		return VP_SILENT;
	end = read_all(vp, fd, ret_file);
	return end == VP_OK ? take_body(ret_file) : end;
}

enum vp_end vp_http_get(struct vp *vp, const char *name, struct vp_file *ret_file)
{
	struct vp_file file = { 0 };
	int fd;
	enum vp_end end = open_connection(vp, &fd);

	if (end == VP_OK && fd < 0)
		end = VP_SILENT;
	if (end == VP_OK)
		end = talk(vp, fd, name, &file);
	if (fd >= 0)
		close(fd);
	if (end != VP_OK) {
		vp_say(vp, "http: %s %s", name, end == VP_MISSING ? "not found" : "no answer");
		vp_file_fini(&file);
		return end;
	}
	vp_say(vp, "http: %s %zu bytes", name, file.n);
	vp_trace(vp, "http %s %zu fnv1a=%08x", name, file.n, fnv1a(file.bytes, file.n));
	*ret_file = file;
	return VP_OK;
}
