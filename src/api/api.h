/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api/api.h - the routes: HTTP on one side, the desk on the other.
 *
 * The idea: one table (api/routes.c) says of every route its method, its pattern, who may ask, what
 * it takes and gives. Requests are sent through that table, /api/v1/openapi.json is written from
 * it, and the tests walk it. This room reads headers and bodies and passes them on; what is allowed is
 * decided below.
 *
 * Invariants: a route that needs a sign-in answers 401 before anything else; what lies outside the
 * caller's scope and what never was answer the same 404, byte for byte but for the request id in
 * the header; a write by cookie needs the header Zhiben-Page, which no other site can send; the log
 * has one JSON line a request with the route's pattern, never a path, query, body, password, token
 * or name.
 *
 * Life cycle: api_new → http_start with the functions below → http_stop → api_free.
 */
#ifndef API_API_H
#define API_API_H

#include "desk/desk.h"
#include "http/http.h"
#include <stdio.h>

struct api;

struct api_options {
    struct desk *desk;
    FILE *log;                 /* one JSON line a request; NULL: none */
    int64_t (*now)(void *who); /* when a worker's connection is opened */
    void *who;
};

/* Keeps the options and the digests of the pages; freed by api_free, NULL allowed there. */
struct api *
api_new(const struct api_options *o);
void
api_free(struct api *api);

/* For struct http_options, with the api as `who`. A worker's state is its reading connection. */
void *
api_enter(void *who);
void
api_leave(void *who, void *state);
void
api_serve(void *who, void *state, struct task *t, const struct http_request *q,
          struct http_answer *a);
size_t
api_limit(void *who, const char *method, const char *path);

/* Every route described as OpenAPI 3.1, with the fields of every kind in the catalog. In `t`. */
struct json *
api_openapi(struct task *t, const struct kind_catalog *catalog);

#endif
