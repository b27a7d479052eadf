"""The same work as limit_scope.c spawn N and tree DEPTH with asyncio tasks and a scope that
reserves, settles and delivers in order of finish. Standard library only."""
import asyncio
import sys
from collections import deque


class Scope:
    def __init__(self, pool):
        self.pool, self.mail, self.children, self.waiter, self.tasks = pool, deque(), 0, None, set()

    def spawn(self, fn, task):
        if self.pool["free"] < 1:
            return None
        self.pool["free"] -= 1
        self.pool["reserved"] += 1
        self.children += 1
        running = asyncio.ensure_future(self.run(fn, task, Scope(self.pool)))
        self.tasks.add(running)  # asyncio keeps only weak references
        running.add_done_callback(self.tasks.discard)
        return True

    async def run(self, fn, task, scope):
        try:
            self.settle({"kind": "done", "out": await fn(task, scope)})
        except Exception as error:
            self.settle({"kind": "down", "reason": str(error)})

    def settle(self, settled):
        self.pool["reserved"] -= 1
        self.pool["free"] += 1
        if self.waiter:
            waiter, self.waiter = self.waiter, None
            self.children -= 1
            waiter.set_result(settled)
        else:
            self.mail.append(settled)

    async def next(self):
        if self.mail:
            self.children -= 1
            return self.mail.popleft()
        if self.children == 0:
            return None
        self.waiter = asyncio.get_running_loop().create_future()
        return await self.waiter


async def leaf(task, _scope):
    return task


async def spawn_all(count, scope):
    for i in range(1, count + 1):
        scope.spawn(leaf, i)
    total = 0
    while (settled := await scope.next()) is not None:
        total += settled["out"]
    return total


async def tree(depth, scope):
    if depth == 0:
        return 1
    scope.spawn(tree, depth - 1)
    scope.spawn(tree, depth - 1)
    return (await scope.next())["out"] + (await scope.next())["out"]


def main():
    mode, size = sys.argv[1], int(sys.argv[2])
    pool = {"free": 1 << 40, "reserved": 0}
    out = asyncio.run({"spawn": spawn_all, "tree": tree}[mode](size, Scope(pool)))
    print(f"result={out}")
    return 0 if pool["reserved"] == 0 else 1


sys.exit(main())
