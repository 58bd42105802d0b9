// SPDX-License-Identifier: Apache-2.0
//
// calendar.mjs: the State Council's holiday notices as standards/calendar.json.
//
//   node calendar.mjs [OUTPUT]      default: standards/calendar.json of this tree
//
// Knows: days declared off and days declared working in the package chinese-days.
// Does not know: working-day arithmetic; lunar dates.
//
// Run it when a new version of the package brings a new year, read the difference, commit both.

import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const DAY = 86400000;

// Facts known from the notices themselves; a package that disagrees is not taken.
const KNOWN_OFF = [
    ["2024-10-01", "2024-10-07"],
    ["2025-01-28", "2025-02-04"],
    ["2025-10-01", "2025-10-08"],
    ["2026-02-15", "2026-02-23"],
    ["2026-10-01", "2026-10-07"],
];
const KNOWN_WORKING = ["2025-01-26", "2025-02-08", "2026-02-14", "2026-02-28"];

function
fail(message)
{
    process.stderr.write(`calendar: ${message}\n`);
    process.exit(1);
}

function
weekend(date)
{
    const day = new Date(`${date}T00:00:00Z`).getUTCDay();
    return day === 0 || day === 6;
}

function
span(first, last)
{
    const dates = [];
    for (let at = Date.parse(first); at <= Date.parse(last); at += DAY)
        dates.push(new Date(at).toISOString().slice(0, 10));
    return dates;
}

function
by_year(holidays, workdays)
{
    const years = {};
    const year = date => (years[date.slice(0, 4)] ??= { holidays: [], workdays: [] });
    for (const date of [...holidays].sort())
        year(date).holidays.push(date);
    for (const date of [...workdays].sort())
        year(date).workdays.push(date);
    return Object.fromEntries(Object.entries(years).sort());
}

function
check(holidays, workdays)
{
    for (const date of [...holidays, ...workdays])
        if (!/^\d{4}-\d\d-\d\d$/.test(date) || Number.isNaN(Date.parse(date)))
            fail(`${date} is no date`);
    for (const date of workdays) {
        if (holidays.has(date))
            fail(`${date} is both off and working`);
        if (!weekend(date))
            fail(`${date} is declared working but is no weekend`);
    }
    for (const [first, last] of KNOWN_OFF)
        for (const date of span(first, last))
            if (!holidays.has(date))
                fail(`${date} should be off`);
    for (const date of KNOWN_WORKING)
        if (!workdays.has(date))
            fail(`${date} should be working`);
}

function
main(output)
{
    const path = require.resolve("chinese-days/dist/chinese-days.json");
    const days = JSON.parse(readFileSync(path, "utf8"));
    const version = require("chinese-days/package.json").version;
    const holidays = new Set(Object.keys(days.holidays));
    const workdays = new Set(Object.keys(days.workdays));
    check(holidays, workdays);

    const years = by_year(holidays, workdays);
    const span_of_years = Object.keys(years);
    const first = span_of_years[0];
    const last = span_of_years.at(-1);
    const head = {
        edition: `国务院办公厅节假日安排 ${first}–${last} (chinese-days ${version})`,
        source: `npm package chinese-days ${version} (MIT), from the yearly notices of the `
            + "General Office of the State Council 国务院办公厅关于部分节假日安排的通知",
        note: "holidays: every day declared off, weekends included; workdays: weekend days "
            + "declared working 调休上班. Any other Saturday or Sunday is off. A year that is "
            + "missing here is counted by weekends alone and shown as provisional.",
    };
    const lines = Object.entries(years).map(([year, value]) =>
        `    ${JSON.stringify(year)}: {\n      "holidays": ${JSON.stringify(value.holidays)},\n`
        + `      "workdays": ${JSON.stringify(value.workdays)}\n    }`);
    const top = Object.entries(head)
        .map(([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)}`);
    const text = `{\n${top.join(",\n")},\n  "years": {\n${lines.join(",\n")}\n  }\n}\n`;
    JSON.parse(text);
    writeFileSync(`${output}.part`, text);
    renameSync(`${output}.part`, output);
    process.stdout.write(`${output}: ${first}–${last}, ${holidays.size} days off, `
        + `${workdays.size} weekend days working, ${Buffer.byteLength(text)} bytes\n`);
}

main(process.argv[2] ?? fileURLToPath(new URL("../standards/calendar.json", import.meta.url)));
