/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http/listen.c - from "127.0.0.1:8080" to a listening socket.
 *
 * Knows: addresses, bind, what the system refuses.
 * Does not know: HTTP. Asks no name server: an address is numeric or localhost.
 */
#include "http/inside.h"

#include "base/text.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BACKLOG 1024

/* Splits HOST:PORT or [HOST]:PORT; false when it is neither. */
static bool
split(struct arena *a, const char *listen_at, const char **host, const char **port)
{
    const char *colon = strrchr(listen_at, ':'), *from = listen_at, *to = colon, *p;

    if (!colon || colon == listen_at || strlen(colon) < 2 || strlen(colon) > 6)
        return false;
    for (p = colon + 1; *p; p++)
        if (*p < '0' || *p > '9')
            return false;
    if ((int)strtol(colon + 1, NULL, 10) > 65535)
        return false;
    if (*from == '[') {
        if (to[-1] != ']')
            return false;
        from++;
        to--;
    } else if (memchr(from, ':', (size_t)(to - from))) {
        return false;
    }
    *host = arena_copy(a, from, (size_t)(to - from));
    if (text_equal(*host, "localhost"))
        *host = "127.0.0.1";
    *port = colon + 1;
    return **host != '\0';
}

static int
open_at(const struct addrinfo *at)
{
    int one = 1, fd, wrong;

    fd = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    /* On Linux this waits out no TIME_WAIT, and still refuses a port that is listened on. */
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) == 0 &&
        bind(fd, at->ai_addr, at->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    wrong = errno;
    close(fd);
    errno = wrong;
    return -1;
}

static const char *
bound_address(struct task *t, int fd)
{
    struct sockaddr_storage bound;
    socklen_t len = sizeof bound;
    char host[NI_MAXHOST], port[NI_MAXSERV];
    bool six;

    must(getsockname(fd, (struct sockaddr *)&bound, &len) == 0);
    must(getnameinfo((struct sockaddr *)&bound, len, host, sizeof host, port, sizeof port,
                     NI_NUMERICHOST | NI_NUMERICSERV) == 0);
    six = bound.ss_family == AF_INET6;
    return arena_format(t->arena, "http://%s%s%s:%s", six ? "[" : "", host, six ? "]" : "", port);
}

enum fault_code
http_listen(struct task *t, const char *listen_at, int *fd, const char **address)
{
    struct addrinfo hint = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
                            .ai_socktype = SOCK_STREAM};
    struct addrinfo *at = NULL;
    const char *host, *port;
    int made, wrong;

    if (!split(t->arena, listen_at, &host, &port) || getaddrinfo(host, port, &hint, &at) != 0)
        return fault(t, FAULT_INPUT, "listen",
                     "监听地址应写作 地址:端口，如 127.0.0.1:8080，而不是 %s | "
                     "the address to listen on is ADDRESS:PORT, as 127.0.0.1:8080, not %s",
                     listen_at, listen_at);
    made = open_at(at);
    wrong = errno;
    freeaddrinfo(at);
    if (made < 0 && wrong == EADDRINUSE)
        return fault(t, FAULT_BUSY, "listen",
                     "%s 已被另一个程序占用 | %s is taken by another program", listen_at,
                     listen_at);
    if (made < 0)
        return fault(t, FAULT_INPUT, "listen", "不能在 %s 监听：%s | cannot listen on %s: %s",
                     listen_at, strerror(wrong), listen_at, strerror(wrong));
    *fd = made;
    *address = bound_address(t, made);
    return FAULT_NONE;
}

void
http_peer(const struct sockaddr *peer, char out[INET6_ADDRSTRLEN])
{
    struct sockaddr_in6 six;
    struct sockaddr_in four;

    out[0] = '\0';
    if (!peer)
        return;
    if (peer->sa_family == AF_INET) {
        memcpy(&four, peer, sizeof four);
        inet_ntop(AF_INET, &four.sin_addr, out, INET6_ADDRSTRLEN);
    } else if (peer->sa_family == AF_INET6) {
        memcpy(&six, peer, sizeof six);
        if (IN6_IS_ADDR_V4MAPPED(&six.sin6_addr))
            inet_ntop(AF_INET, six.sin6_addr.s6_addr + 12, out, INET6_ADDRSTRLEN);
        else
            inet_ntop(AF_INET6, &six.sin6_addr, out, INET6_ADDRSTRLEN);
    }
}
