-- SPDX-License-Identifier: Apache-2.0
-- 7: the search index is walked newest first: its rows are numbered by record.
{search_by_rid}
