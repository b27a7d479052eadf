// The same work as limit_scope.c spawn N and tree DEPTH in Node: promises, with a scope that
// reserves, settles and delivers in order of finish. No package is needed.
const [, , mode, size] = process.argv
const n = Number(size)

class Scope {
  constructor(pool) { this.pool = pool; this.mail = []; this.head = 0; this.children = 0; this.waiter = null }
  spawn(fn, task) {
    const pool = this.pool
    if (pool.free < 1) return null
    pool.free -= 1; pool.reserved += 1
    this.children += 1
    const scope = new Scope(pool)
    Promise.resolve().then(() => fn(task, scope)).then(
      (out) => this.settle({ kind: 'done', out }), (error) => this.settle({ kind: 'down', reason: String(error) }))
    return true
  }
  settle(settled) {
    this.pool.reserved -= 1; this.pool.free += 1
    if (this.waiter) { const resolve = this.waiter; this.waiter = null; this.children -= 1; resolve(settled) }
    else this.mail.push(settled)
  }
  next() {
    if (this.head < this.mail.length) {
      const settled = this.mail[this.head]
      this.mail[this.head++] = undefined
      if (this.head === this.mail.length) { this.mail = []; this.head = 0 }
      this.children -= 1
      return Promise.resolve(settled)
    }
    if (this.children === 0) return Promise.resolve(null)
    return new Promise((resolve) => { this.waiter = resolve })
  }
}

async function spawnAll(count, scope) {
  for (let i = 1; i <= count; i++) scope.spawn(async (t) => t, i)
  let sum = 0
  for (let s = await scope.next(); s; s = await scope.next()) sum += s.out
  return sum
}
async function tree(depth, scope) {
  if (depth === 0) return 1
  scope.spawn(tree, depth - 1); scope.spawn(tree, depth - 1)
  return (await scope.next()).out + (await scope.next()).out
}
const pool = { free: 2 ** 40, reserved: 0 }
const out = await (mode === 'tree' ? tree : spawnAll)(n, new Scope(pool))
console.log(`result=${out}`)
process.exit(pool.reserved === 0 ? 0 : 1)
