---@meta han.stats
-- require "han.stats" for editors; what each method means is in docs/statistics.md. Every function gives
-- its result, or nil, a message and a code ("INVALID", "LIMIT", "NOMEM"); wrong types throw.

---@class han.stats
local stats = {}

---Rows of one sample (x) or of two paired ones (a, b), with a label for each row.
---@class han.stats.Sample
---@field a (number|boolean)[]?
---@field b (number|boolean)[]?
---@field x (number|boolean)[]?
---@field groups (string|number|boolean)[]? rows of one group are one unit
---@field strata (string|number|boolean)[]? groups are resampled within their stratum
---@field weight "rows"|"groups"|nil

---@class han.stats.Bootstrap: han.stats.Sample
---@field method "percentile"|"bca"|nil
---@field alpha number? two-sided, 0.05
---@field seed integer?
---@field resamples integer? 10,000

---@class han.stats.Mean
---@field mean number
---@field ci number[] low and high
---@field p number? of a mean of 0; paired only
---@field se number
---@field n integer rows
---@field groups integer
---@field zero_width boolean
---@field alpha number
---@field method string
---@field resamples integer
---@field seed integer

---@param t han.stats.Bootstrap
---@return han.stats.Mean?, string?, han.Code?
function stats.paired(t) end

---@param t han.stats.Bootstrap
---@return han.stats.Mean?, string?, han.Code?
function stats.mean_ci(t) end

---@param t { wins: integer?, losses: integer?, ties: integer? }|han.stats.Sample
---@return { p: number, wins: integer, losses: integer, ties: integer, n: integer }?, string?, han.Code?
function stats.sign(t) end

---@param t { only_a: integer?, only_b: integer?, n: integer? }|han.stats.Sample
---@return { p: number, only_a: integer, only_b: integer, n: integer }?, string?, han.Code?
function stats.mcnemar(t) end

---@param t { only_a: integer?, only_b: integer?, n: integer?, alpha: number? }|han.stats.Sample
---@return { mean: number, ci: number[], alpha: number, only_a: integer, only_b: integer, n: integer }?, string?, han.Code?
function stats.tango(t) end

---@param t { hits: integer, n: integer, alpha: number? }
---@return { mean: number, ci: number[], alpha: number }?, string?, han.Code?
function stats.wilson(t) end

---@param t { hits: integer, n: integer, alpha: number? }
---@return { mean: number, ci: number[], alpha: number }?, string?, han.Code?
function stats.clopper(t) end

---@param t han.stats.Sample|{ seed: integer?, resamples: integer? }
---@return { p: number, mean: number, exact: boolean, resamples: integer, n: integer, groups: integer, seed: integer }?, string?, han.Code?
function stats.permutation(t) end

---@param t han.stats.Sample
---@return { dz: number?, rank_biserial: number?, cliff: number? }?, string?, han.Code?
function stats.effect(t) end

---@param t { p: number[] }
---@return { q: number[] }?, string?, han.Code?
function stats.bh(t) end

---@param t { p: number[] }
---@return { q: number[] }?, string?, han.Code?
function stats.holm(t) end

---@param t { e: number[] }
---@return { q: number[] }?, string?, han.Code?
function stats.ebh(t) end

---@param t { index: integer, alpha: number? }
---@return { level: number }?, string?, han.Code?
function stats.spend(t) end

---@param t { rejected: boolean[], alpha: number? }
---@return { level: number }?, string?, han.Code?
function stats.lord(t) end

---@param t { kind: "mean"|"mcnemar"|"sign"|nil, n: integer?, power: number?, alpha: number?, delta: number?, sd: number?, rows: number?, icc: number?, only_a: number?, only_b: number?, discordant: number? }
---@return { power: number, n: integer, mde: number?, alpha: number }?, string?, han.Code?
function stats.power(t) end

---@param t han.stats.Sample|{ low: number?, high: number?, null: number?, alpha: number? }
---@return { e: number, p: number, e_greater: number, p_greater: number, e_less: number, p_less: number, ci: number[], n: integer, alpha: number }?, string?, han.Code?
function stats.eprocess(t) end

---@param t { wins: number, losses: number, prior_a: number?, prior_b: number?, other_wins: number?, other_losses: number?, alpha: number? }
---@return { mean: number, sd: number, median: number, ci: number[], a: number, b: number, alpha: number, greater: number? }?, string?, han.Code?
function stats.beta(t) end

---@param t { points: number[][], minimize: boolean[]? }
---@return { rank: integer[], front: integer[], crowding: number[] }?, string?, han.Code?
function stats.pareto(t) end

return stats
