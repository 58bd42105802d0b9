/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api/inside.h - what the files of this room share: the table, one call, its answer.
 */
#ifndef API_INSIDE_H
#define API_INSIDE_H

#include "api/api.h"
#include "base/text.h"
#include "base/time.h"

#define API_PARAMS 2
#define API_ROOT "/api/v1"
#define API_COOKIE "zhiben"
#define API_EXPORT_MAX (64 * 1024 * 1024) /* an answer is collected whole before it leaves */

struct api_call;

enum api_access {
    API_OPEN,   /* anyone */
    API_SIGNED  /* a token or a session */
};

struct api_route {
    const char *method, *pattern; /* ":name" stands for one segment; a last "*" for the rest */
    enum api_access access;
    enum fault_code (*handle)(struct api_call *c);
    const char *summary;          /* "中文 | English" */
    const char *query;            /* names of its parameters, space separated; NULL: none */
    int status;                   /* when all is well */
    const char *takes, *gives;    /* shapes of api/shapes.c, or media types; NULL: no body */
};

extern const struct api_route api_routes[];
extern const size_t api_routes_len;

/* ---- one request ---- */

struct api_call {
    struct task *task;
    struct api *api;
    struct desk *desk;
    struct store *store;
    struct desk_known *known; /* the worker's */
    const struct http_request *request;
    struct http_answer *answer;
    const struct api_route *route;   /* NULL: none fits */
    const char *params[API_PARAMS];  /* in the order of the pattern */
    const char *token;               /* as sent, or NULL */
    bool by_cookie, english;
    struct desk_caller caller;       /* of a route that needs a sign-in */
    const char *why;                 /* of a fault that is ours, for the log */
};

/* The route and its parameters. NULL with `*allow` set where only the method does not fit. */
const struct api_route *
api_find(struct task *t, const char *method, const char *path, const char *params[API_PARAMS],
         const char **allow);

/* ---- answers ---- */

void api_json(struct api_call *c, int status, const struct json *body);
void api_etag(struct api_call *c, int revision);
/* The problem document of a fault; fills the whole answer. */
void api_problem(struct api_call *c, enum fault_code code);
/* One without a fault behind it: 405 and the like. */
void api_refuse(struct api_call *c, int status, const char *title, const char *detail);
bool api_wants_english(const struct http_request *q);

/* ---- reading a request ---- */

/* The body as a JSON object. FAULT_INPUT. */
MUST_USE enum fault_code api_body(struct api_call *c, struct json **out);
/* The headers of a write. FAULT_INPUT where the key is too long or not printable. */
MUST_USE enum fault_code api_write_headers(struct api_call *c, struct desk_request *out);
/* A body named as something else than JSON is refused with 415, the answer filled; true: go on. */
bool api_takes_body(struct api_call *c);
/* FAULT_INPUT where a parameter comes twice: either of the two could be meant. */
MUST_USE enum fault_code api_query_once(struct api_call *c);
/* FAULT_INPUT at a parameter that the route does not have: it would change what is answered. */
MUST_USE enum fault_code api_query_known(struct api_call *c);
/* The query string as the desk reads filters; "format" is the door's own. */
struct desk_query api_query(struct api_call *c);

/* ---- what the server counts about itself (metrics.c) ---- */

struct api_metrics;
struct api_metrics *api_metrics_new(void);
void api_metrics_free(struct api_metrics *m);
void api_metrics_count(struct api_metrics *m, const struct api_route *route, int status,
                       int64_t duration_us, uint64_t store_calls);
const char *api_metrics_text(struct task *t, const struct api_metrics *m, int64_t background_us);

/* ---- pages (pages.c) ---- */

struct api_pages;
struct api_pages *api_pages_new(void);
void api_pages_free(struct api_pages *p);

struct api {
    struct api_options options;
    struct api_metrics *metrics;
    struct api_pages *pages;
};

/* ---- shapes (shapes.c) ---- */

/* Adds the JSON Schemas of all named shapes to `schemas`. */
void api_shapes(struct arena *a, struct json *schemas);
bool api_is_shape(const char *name);

/* ---- handlers, each named after its route ---- */
enum fault_code api_token_post(struct api_call *c);
enum fault_code api_session_post(struct api_call *c);
enum fault_code api_session_delete(struct api_call *c);
enum fault_code api_link_look(struct api_call *c);
enum fault_code api_link_use(struct api_call *c);
enum fault_code api_links_hand_out(struct api_call *c);
enum fault_code api_import_post(struct api_call *c);
enum fault_code api_imports(struct api_call *c);
enum fault_code api_import(struct api_call *c);
enum fault_code api_import_cancel(struct api_call *c);
enum fault_code api_import_report(struct api_call *c);
enum fault_code api_template(struct api_call *c);
enum fault_code api_setup(struct api_call *c);
enum fault_code api_rules(struct api_call *c);
enum fault_code api_rules_adopt(struct api_call *c);
enum fault_code api_me(struct api_call *c);
enum fault_code api_people(struct api_call *c);
enum fault_code api_sign_ins(struct api_call *c);
enum fault_code api_grants(struct api_call *c);
enum fault_code api_accounts(struct api_call *c);
enum fault_code api_places(struct api_call *c);
enum fault_code api_place(struct api_call *c);
enum fault_code api_units(struct api_call *c);
enum fault_code api_unit(struct api_call *c);
enum fault_code api_kinds(struct api_call *c);
enum fault_code api_kind(struct api_call *c);
enum fault_code api_codes(struct api_call *c);
enum fault_code api_records(struct api_call *c);
enum fault_code api_record_post(struct api_call *c);
enum fault_code api_record(struct api_call *c);
enum fault_code api_events(struct api_call *c);
enum fault_code api_steps(struct api_call *c);
enum fault_code api_proof(struct api_call *c);
enum fault_code api_step_post(struct api_call *c);
enum fault_code api_file_post(struct api_call *c);
enum fault_code api_file(struct api_call *c);
enum fault_code api_export(struct api_call *c);
enum fault_code api_carry_post(struct api_call *c);
enum fault_code api_carry_check(struct api_call *c);
enum fault_code api_carry(struct api_call *c);
enum fault_code api_figures(struct api_call *c);
enum fault_code api_figure(struct api_call *c);
enum fault_code api_series_list(struct api_call *c);
enum fault_code api_series(struct api_call *c);
enum fault_code api_feed(struct api_call *c);
enum fault_code api_live(struct api_call *c);
enum fault_code api_notices(struct api_call *c);
enum fault_code api_plates(struct api_call *c);
enum fault_code api_openapi_get(struct api_call *c);
enum fault_code api_healthz(struct api_call *c);
enum fault_code api_readyz(struct api_call *c);
enum fault_code api_metrics_get(struct api_call *c);
enum fault_code api_asset(struct api_call *c);
enum fault_code api_page(struct api_call *c);

#endif
