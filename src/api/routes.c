/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api/routes.c - the table of routes, and which of them a request is for.
 *
 * Knows: methods, patterns, segments.
 * Does not know: what a handler does.
 */
#include "api/inside.h"

#include <string.h>

#define FILTERS "kind place line unit desk state level due_before q sort as_of mine figure from to row without"

const struct api_route api_routes[] = {
    {"POST", API_ROOT "/tokens", API_OPEN, api_token_post,
     "登录，得到令牌 | sign in for a token", NULL, 201, "SignIn", "Token"},
    {"POST", API_ROOT "/session", API_OPEN, api_session_post,
     "登录，得到浏览器会话（需 Zhiben-Page: 1） | sign in for a browser session (needs Zhiben-Page: 1)",
     NULL, 201, "SignIn", "Session"},
    {"DELETE", API_ROOT "/session", API_SIGNED, api_session_delete,
     "退出：会话或令牌从此无效 | sign out: the session or token ends", NULL, 204, NULL, NULL},
    {"POST", API_ROOT "/links", API_OPEN, api_link_look,
     "一次性链接是给谁的 | whom a single-use link is for", NULL, 200, "LinkLook", "Link"},
    {"POST", API_ROOT "/links/use", API_OPEN, api_link_use,
     "用一次性链接：建第一个安委办，或设定自己的密码 | use a single-use link: make the first office, or set one's password",
     NULL, 200, "LinkUse", "LinkUsed"},
    {"GET", API_ROOT "/me", API_SIGNED, api_me, "我是谁，有哪些岗位 | who I am, my posts", NULL, 200,
     NULL, "Me"},
    {"GET", API_ROOT "/people", API_SIGNED, api_people,
     "我能看到的单位的人 | people of units I may see", "unit q", 200, NULL, "People"},
    {"GET", API_ROOT "/sign-ins", API_SIGNED, api_sign_ins,
     "登录记录（审计员） | sign-ins, for an auditor", "account limit cursor", 200, NULL, "SignIns"},
    {"GET", API_ROOT "/grants", API_SIGNED, api_grants,
     "授予的岗位、准入和临时查看（审计员） | posts, ties and lent sight that were given, for an auditor",
     "sort limit cursor", 200, NULL, "Grants"},
    {"GET", API_ROOT "/accounts", API_SIGNED, api_accounts,
     "账号（系统管理员） | accounts, for a system administrator", "q limit cursor", 200, NULL, "Accounts"},
    {"GET", API_ROOT "/places", API_SIGNED, api_places,
     "下级地区，或按名称、区划代码、拼音首字母找 | places below one, or by name, code, initials",
     "parent q", 200, NULL, "Places"},
    {"GET", API_ROOT "/places/:code", API_SIGNED, api_place, "一个地区 | one place", NULL, 200, NULL,
     "Place"},
    {"GET", API_ROOT "/units", API_SIGNED, api_units, "我能看到的单位 | units I may see", "place q",
     200, NULL, "Units"},
    {"GET", API_ROOT "/units/:id", API_SIGNED, api_unit, "一个单位 | one unit", NULL, 200, NULL,
     "Unit"},
    {"GET", API_ROOT "/kinds", API_SIGNED, api_kinds,
     "现行定义 | the definitions in force", NULL, 200, NULL, "Kinds"},
    {"GET", API_ROOT "/kinds/:kind", API_SIGNED, api_kind,
     "一个定义，现行或指定版本 | one definition, in force or of a version", "version", 200, NULL,
     "Kind"},
    {"GET", API_ROOT "/codes/:table", API_SIGNED, api_codes,
     "一张标准表的行 | rows of an adopted table", "q", 200, NULL, "Codes"},
    {"GET", API_ROOT "/records", API_SIGNED, api_records, "台账 | records, filtered and paged",
     FILTERS " limit cursor", 200, NULL, "Records"},
    {"POST", API_ROOT "/records", API_SIGNED, api_record_post, "新建 | a new record", NULL, 201,
     "RecordMake", "Record"},
    {"GET", API_ROOT "/records/:id", API_SIGNED, api_record,
     "一条记录，现在或某日 | one record, now or as of a day", "as_of", 200, NULL, "Record"},
    {"GET", API_ROOT "/records/:id/events", API_SIGNED, api_events,
     "它的经过 | what happened to it", NULL, 200, NULL, "Events"},
    {"GET", API_ROOT "/records/:id/steps", API_SIGNED, api_steps,
     "我现在能办的步骤 | steps possible for me now", NULL, 200, NULL, "Steps"},
    {"GET", API_ROOT "/records/:id/proof", API_SIGNED, api_proof,
     "链上证明 | its proof in the log", NULL, 200, NULL, "Proof"},
    {"POST", API_ROOT "/records/:id/steps/:step", API_SIGNED, api_step_post,
     "办理一步（需 If-Match） | make one step (needs If-Match)", NULL, 200, "StepMake", "Record"},
    {"POST", API_ROOT "/files", API_SIGNED, api_file_post, "上传附件 | send an attachment", NULL, 201,
     "multipart/form-data", "File"},
    {"GET", API_ROOT "/files/:digest", API_SIGNED, api_file,
     "我能看的记录里的附件 | an attachment of a record I may read", NULL, 200, NULL,
     "application/octet-stream"},
    {"GET", API_ROOT "/export", API_SIGNED, api_export,
     "导出台账 | records as a file", FILTERS " format", 200, NULL, "text/csv"},
    {"POST", API_ROOT "/carry", API_SIGNED, api_carry_post,
     "读旧台账的表头 | read the headings of an old ledger", NULL, 200, "multipart/form-data", "OldLedger"},
    {"POST", API_ROOT "/carry/check", API_SIGNED, api_carry_check,
     "核对旧台账的每一行，不写入 | check every row of an old ledger, and write none", NULL, 200,
     "OldLedgerCheck", "OldLedgerReport"},
    {"GET", API_ROOT "/carry/:id", API_SIGNED, api_carry,
     "一次迁入所含的行，重新计数 | the rows of one old ledger, counted anew", NULL, 200, NULL,
     "OldLedgerReport"},
    {"POST", API_ROOT "/imports", API_SIGNED, api_import_post,
     "上传一张表（kind、file、mode: good|all），后台办理 | send a table (kind, file, mode: good|all), taken behind the answer",
     NULL, 202, "multipart/form-data", "ImportMade"},
    {"GET", API_ROOT "/imports", API_SIGNED, api_imports, "我的导入 | my imports", NULL, 200, NULL, "Imports"},
    {"GET", API_ROOT "/imports/:id", API_SIGNED, api_import, "导入办到哪里 | how far an import is", NULL, 200, NULL,
     "Import"},
    {"DELETE", API_ROOT "/imports/:id", API_SIGNED, api_import_cancel,
     "停止导入；已收下的不退 | end an import; what was taken stays", NULL, 200, NULL, "Import"},
    {"GET", API_ROOT "/imports/:id/report", API_SIGNED, api_import_report,
     "未收下的行及原因 | rows that were not taken, with the reasons", NULL, 200, NULL,
     "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    {"GET", API_ROOT "/templates/:kind", API_SIGNED, api_template, "空表模板 | the empty table to be filled", NULL, 200,
     NULL, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    {"GET", API_ROOT "/setup", API_SIGNED, api_setup, "开局办到哪里 | how far the first days are", NULL, 200, NULL,
     "Setup"},
    {"GET", API_ROOT "/setup/rules", API_SIGNED, api_rules,
     "建议的本地规则 | the suggested local tables", NULL, 200, NULL, "Rules"},
    {"POST", API_ROOT "/setup/rules", API_SIGNED, api_rules_adopt,
     "以本地名义采用建议规则 | adopt the suggested local tables as the place's own", NULL, 200, NULL, "RulesAdopted"},
    {"POST", API_ROOT "/setup/links", API_SIGNED, api_links_hand_out,
     "给还没有密码的人发一次性链接 | single-use links for people without a password", NULL, 200, NULL, "Links"},
    {"GET", API_ROOT "/figures", API_SIGNED, api_figures, "统计指标 | the figures there are", NULL,
     200, NULL, "Figures"},
    {"GET", API_ROOT "/figures/:figure", API_SIGNED, api_figure,
     "一个指标，按维度、时段 | one figure by dimensions and period",
     "place line by period from to as_of compare", 200, NULL, "Cells"},
    {"GET", API_ROOT "/series", API_SIGNED, api_series_list, "文件载入的数列 | series from files", NULL, 200,
     NULL, "SeriesList"},
    {"GET", API_ROOT "/series/:series", API_SIGNED, api_series,
     "一个数列，同比、环比、拐点 | a series beside itself", NULL, 200, NULL, "Series"},
    {"GET", API_ROOT "/feed", API_SIGNED, api_feed,
     "我能看的变动，依次 | changes I may see, in order", "after", 200, NULL, "Feed"},
    {"GET", API_ROOT "/live", API_SIGNED, api_live,
     "我能看的变动，随时推送 | changes I may see, as they happen", NULL, 200, NULL, "text/event-stream"},
    {"GET", API_ROOT "/notices", API_SIGNED, api_notices, "给我的通知 | notices for me", NULL, 200,
     NULL, "Notices"},
    {"GET", API_ROOT "/public/plates", API_OPEN, api_plates,
     "向社会公开的 | what is shown to the public", NULL, 200, NULL, "Plates"},
    {"GET", API_ROOT "/openapi.json", API_OPEN, api_openapi_get,
     "本接口说明 | this description", NULL, 200, NULL, "application/json"},
    {"GET", "/healthz", API_OPEN, api_healthz, "进程活着 | the process lives", NULL, 200, NULL,
     "Health"},
    {"GET", "/readyz", API_OPEN, api_readyz, "可以服务 | it can serve", NULL, 200, NULL, "Health"},
    {"GET", "/metrics", API_OPEN, api_metrics_get,
     "请求与耗时（Prometheus） | requests and durations (Prometheus)", NULL, 200, NULL,
     "text/plain"},
    {"GET", "/assets/*", API_OPEN, api_asset, "页面的部件 | parts of the pages", NULL, 200, NULL,
     "application/octet-stream"},
    {"GET", "/*", API_OPEN, api_page, "页面 | the pages", NULL, 200, NULL, "text/html"},
};
const size_t api_routes_len = sizeof api_routes / sizeof api_routes[0];

static const char *
segment_end(const char *s)
{
    const char *slash = strchr(s, '/');

    return slash ? slash : s + strlen(s);
}

static bool
fits(struct task *t, const char *pattern, const char *path, const char *params[API_PARAMS])
{
    size_t n = 0;

    while (*pattern == '/' && *path == '/') {
        const char *p = ++pattern, *s = ++path;

        pattern = segment_end(p);
        path = segment_end(s);
        if (*p == '*')
            return true;
        if (*p == ':') {
            if (path == s)
                return false;
            must(n < API_PARAMS);
            params[n++] = arena_copy(t->arena, s, (size_t)(path - s));
        } else if (pattern - p != path - s || strncmp(p, s, (size_t)(path - s)) != 0) {
            return false;
        }
    }
    return !*pattern && !*path;
}

/* What lies under /api or is a route of its own is never a page. */
static bool
is_page(const struct api_route *r)
{
    return r->pattern[strlen(r->pattern) - 1] == '*';
}

const struct api_route *
api_find(struct task *t, const char *method, const char *path, const char *params[API_PARAMS],
         const char **allow)
{
    const char *as = strcmp(method, "HEAD") == 0 ? "GET" : method;
    struct text allowed;
    size_t i;

    text_init(&allowed, t->arena);
    *allow = NULL;
    for (i = 0; i < api_routes_len; i++) {
        const struct api_route *r = &api_routes[i];

        if (is_page(r) && (allowed.len || text_starts(path, "/api/") || text_equal(path, "/api")))
            continue;
        memset(params, 0, API_PARAMS * sizeof params[0]);
        if (!fits(t, r->pattern, path, params))
            continue;
        if (strcmp(r->method, as) == 0)
            return r;
        text_printf(&allowed, "%s%s", allowed.len ? ", " : "",
                    strcmp(r->method, "GET") == 0 ? "GET, HEAD" : r->method);
    }
    if (allowed.len)
        *allow = text_string(&allowed);
    return NULL;
}
