/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/limit.h - every maximum in the product, each with its reason.
 */
#ifndef BASE_LIMIT_H
#define BASE_LIMIT_H

#define LIMIT_JSON_DEPTH 64               /* deepest real payload is 6; keeps recursion small */
#define LIMIT_BODY (1024 * 1024)          /* a visit with 200 findings is 120 kB */
#define LIMIT_UPLOAD (20 * 1024 * 1024)   /* a photograph of a phone is 3–8 MB */
#define LIMIT_PIXELS (64 * 1000 * 1000)   /* decoded picture: 256 MB would be the next step */
#define LIMIT_TEXT 10000                  /* code points of one text where a field says nothing */
#define LIMIT_COMMENT 2000                /* code points of a step's comment */
#define LIMIT_NAME 64                     /* kinds, fields, states, steps */
#define LIMIT_URL 8192                    /* browsers and proxies send no longer */
#define LIMIT_HEADER_WAIT_MS 75000        /* next full header on a kept connection */
#define LIMIT_CONNECTIONS 8192            /* 5,000 desks of a city and their phones */
#define LIMIT_LIVE 5000                   /* live streams of a process: the desks of a city; the other connections stay free */
#define LIMIT_LIVE_ACCOUNT 16             /* of one account: its pages, its phone */
#define LIMIT_LIVE_QUEUE (64 * 1024)      /* bytes that wait for one reader; then he reads anew */
#define LIMIT_HEADERS (16 * 1024)         /* names and values of one request: a proxy's cookies are 4 kB */
#define LIMIT_CONNECTION_MEMORY (48 * 1024) /* its half reads a header: LIMIT_URL and LIMIT_HEADERS; libmicrohttpd itself refuses more */
#define LIMIT_BODIES (256UL * 1024 * 1024) /* bodies held at once: a dozen full uploads */
#define LIMIT_LINGER (64UL * 1024 * 1024) /* read and dropped behind a refusal, so that it is read: a long video */
#define LIMIT_LINGER_MS 10000             /* for as long */
#define LIMIT_PAIRS 64                    /* pairs of one query; a list takes 12 */
#define LIMIT_PARTS 32                    /* parts of one form; an import has 3 */
#define LIMIT_SIGN_IN_DAYS 400            /* sign-ins kept: a year and its audit; the law asks for six months */
#define LIMIT_PAGE 200                    /* items of one list page (contract) */
#define LIMIT_TOTAL 1000                  /* counted exactly up to here, then "1000+" (contract) */
#define LIMIT_OPENED 5000                 /* records whose events one page of an opened figure reads: half a second */
#define LIMIT_QUERY 64                    /* code points of a search */
#define LIMIT_GROUP 64                    /* writes of one commit: below PostgreSQL's subtransaction cache */
#define LIMIT_QUEUE 4096                  /* writes that wait; then 503 */
#define LIMIT_EFFECT_DEPTH 8              /* effects of effects in one transaction */
#define LIMIT_EFFECT_RECORDS 200          /* records one step may raise or move in its transaction */
#define LIMIT_QUERIED 5000                /* records one query of a user looks at: 50 ms */
#define LIMIT_KEYS 16                     /* audience keys of one caller */
#define LIMIT_LENT 16                     /* rules that lend one caller sight at once, newest records first */
#define LIMIT_TIES 512                    /* units that let one caller in at once, those newest in force */
#define LIMIT_BRANCHES 200                /* merged branches of one statement (SQLite refuses 500) */
#define LIMIT_DEFINITION (200 * 1024)     /* bytes of a definition */
#define LIMIT_STATES 63                   /* six bits of a facet */
#define LIMIT_STEPS 128
#define LIMIT_FIELDS 256
#define LIMIT_LEVELS 15                   /* four bits of a facet */
#define LIMIT_INDEXED 24                  /* projected fields of a kind */
#define LIMIT_TRIES 8                     /* failed sign-ins of a pair (account, address) an hour */
#define LIMIT_SHEETS 64                   /* sheets of a workbook: a ledger has one a month at most */
#define LIMIT_SHEET_ROWS 200000           /* rows that say anything: ten two-year ledgers of a district */
#define LIMIT_SHEET_COLUMNS 256           /* columns that say anything: XLS had no more */
#define LIMIT_SHEET_TEXT 65535            /* bytes of a cell: Excel holds 32,767 characters */
#define LIMIT_SHEET_STRINGS (64L * 1024 * 1024) /* bytes of shared strings: 200,000 rows of 10 texts */
#define LIMIT_SHEET_STYLES 65536          /* cell styles: Excel holds 65,490 */
#define LIMIT_SHEET_PARTS 4096            /* files in a workbook: one a sheet, a drawing, a picture */
#define LIMIT_SHEET_UNPACKED (256L * 1024 * 1024) /* bytes: 200,000 rows of 40 cells; read in 2 s */
#define LIMIT_SHEET_DEPTH 64              /* elements within elements; a cell stands at 6 */
#define LIMIT_KEY_DAYS 60                 /* an idempotency key is kept (contract) */
#define LIMIT_KEY_LEN 128                 /* characters of an idempotency key */

#endif
