// SPDX-License-Identifier: Apache-2.0
// An official driver at a real server, whose graph is emptied first: BOLT_ADDRESS, BOLT_DRIVER and, where
// they apply, BOLT_USER, BOLT_PASSWORD, BOLT_TLS as in driver_test.mjs.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

if (process.env.BOLT_DRIVER.includes('/browser/')) { // what pages load: it speaks within WebSocket
  globalThis.WebSocket = (await import('ws')).WebSocket
  globalThis.window = { location: { protocol: 'http:' } }
}
const { default: neo4j } = await import(process.env.BOLT_DRIVER)
const address = process.env.BOLT_ADDRESS
const secure = process.env.BOLT_TLS === '1' ? '+ssc' : ''
const { BOLT_USER: user = '', BOLT_PASSWORD: password = '' } = process.env
const options = { disableLosslessIntegers: true }
const open = (scheme, more = {}) =>
  neo4j.driver(`${scheme}${secure}://${address}`, neo4j.auth.basic(user, password), { ...options, ...more })

let driver
before(async () => {
  driver = open('bolt')
  await driver.executeQuery('MATCH (n) DETACH DELETE n')
})
after(() => driver.close())

const run = async (text, parameters = {}) => (await driver.executeQuery(text, parameters)).records
const fails = async (code, promise) => assert.rejects(promise, (error) => {
  assert.equal(error.code, code)
  return true
})

test('elements come back as they were made', async () => {
  const [record] = await run(
    "CREATE p = (a:Person:Author {name: 'Ann', age: 30})-[r:KNOWS {since: 2000}]->(b:Person) RETURN a, r, b, p")
  const [a, r, b, p] = ['a', 'r', 'b', 'p'].map((key) => record.get(key))
  assert.deepEqual([...a.labels].sort(), ['Author', 'Person'])
  assert.deepEqual(a.properties, { name: 'Ann', age: 30 })
  assert.equal(r.type, 'KNOWS')
  assert.deepEqual(r.properties, { since: 2000 })
  assert.equal(r.startNodeElementId, a.elementId)
  assert.equal(r.endNodeElementId, b.elementId)
  assert.equal(p.length, 1)
  assert.equal(p.segments[0].relationship.elementId, r.elementId)
  const found = await run('MATCH (n:Author) WHERE elementId(n) = $id RETURN n.name AS name', { id: a.elementId })
  assert.deepEqual(found.map((one) => one.get('name')), ['Ann'])
})

test('values round trip through properties', async () => {
  const values = [true, 1, -1.5, 'text ü', [1, 2], ['a', 'b'], [true, false], [0.5]]
  for (const value of values) {
    const [record] = await run('CREATE (n:Value {v: $value}) RETURN n.v AS v', { value })
    assert.deepEqual(record.get('v'), value)
  }
  const [nested] = await run('RETURN $map AS map', { map: { a: [1, { b: null }], c: {} } })
  assert.deepEqual(nested.get('map'), { a: [1, { b: null }], c: {} })
})

test('counters tell what was changed', async () => {
  const { summary } = await driver.executeQuery(
    'CREATE (:Counted {x: 1})-[:T]->(:Counted {x: 2, y: 3})')
  const counters = summary.counters.updates()
  assert.equal(counters.nodesCreated, 2)
  assert.equal(counters.relationshipsCreated, 1)
  assert.equal(counters.propertiesSet, 3)
  assert.equal(counters.labelsAdded, 2)
  const deleted = await driver.executeQuery('MATCH (n:Counted) DETACH DELETE n')
  assert.equal(deleted.summary.counters.updates().nodesDeleted, 2)
  assert.equal(deleted.summary.counters.updates().relationshipsDeleted, 1)
})

test('managed transactions are repeated under conflict, and no increment is lost', async () => {
  await run('CREATE (:Counter {n: 0})')
  const increments = 20
  const clients = 4
  await Promise.all(Array.from({ length: clients }, async () => {
    const session = driver.session()
    for (let i = 0; i < increments; ++i) {
      await session.executeWrite((tx) => tx.run('MATCH (c:Counter) SET c.n = c.n + 1'))
    }
    await session.close()
  }))
  const [record] = await run('MATCH (c:Counter) RETURN c.n AS n')
  assert.equal(record.get('n'), clients * increments)
})

test('a bookmark shows a transaction to the next one, through routing too', async () => {
  const routed = open('neo4j')
  const writer = routed.session()
  await writer.executeWrite((tx) => tx.run("CREATE (:Marked {name: 'x'})"))
  const reader = routed.session({ bookmarks: writer.lastBookmarks(), defaultAccessMode: neo4j.session.READ })
  const result = await reader.executeRead((tx) => tx.run('MATCH (m:Marked) RETURN count(m) AS c'))
  assert.equal(result.records[0].get('c'), 1)
  await Promise.all([writer.close(), reader.close()])
  await routed.close()
})

test('many rows come in small portions', async () => {
  const session = driver.session({ fetchSize: 10 })
  let sum = 0
  let count = 0
  for await (const record of session.run('UNWIND range(1, 20000) AS x RETURN x')) {
    sum += record.get('x')
    ++count
  }
  assert.equal(count, 20000)
  assert.equal(sum, 20000 * 20001 / 2)
  await session.close()
})

test('a result that is left in the middle does no harm', async () => {
  const session = driver.session({ fetchSize: 10 })
  for await (const record of session.run('UNWIND range(1, 1000000) AS x RETURN x')) {
    if (record.get('x') === 15) break
  }
  await session.close()
  const [record] = await run('RETURN 1 AS one')
  assert.equal(record.get('one'), 1)
})

test('what is rolled back is not there', async () => {
  const session = driver.session()
  const tx = session.beginTransaction()
  await tx.run('CREATE (:RolledBack)')
  const inside = await tx.run('MATCH (n:RolledBack) RETURN count(n) AS c')
  assert.equal(inside.records[0].get('c'), 1)
  await tx.rollback()
  const outside = await session.run('MATCH (n:RolledBack) RETURN count(n) AS c')
  assert.equal(outside.records[0].get('c'), 0)
  await session.close()
})

test('errors have the codes that drivers know', async () => {
  await fails('Neo.ClientError.Statement.SyntaxError', run('RETRUN 1'))
  await fails('Neo.ClientError.Statement.SyntaxError', run('RETURN x'))
  await fails('Neo.ClientError.Statement.ParameterMissing', run('RETURN $x'))
  await fails('Neo.ClientError.Statement.ArithmeticError', run('UNWIND [0] AS x RETURN 1 / x'))
  await fails('Neo.ClientError.Schema.ConstraintValidationFailed',
    run("MATCH (n:Author) DELETE n"))
  const reader = driver.session({ defaultAccessMode: neo4j.session.READ })
  await fails('Neo.ClientError.Statement.AccessMode', reader.run('CREATE (:Nope)'))
  await reader.close()
  const [record] = await run('MATCH (n:Nope) RETURN count(n) AS c')
  assert.equal(record.get('c'), 0)
})

test('a statement that fails has written nothing', async () => {
  await assert.rejects(run('UNWIND [1, 2, 0] AS x CREATE (:Partial {x: 1 / x})'))
  const [record] = await run('MATCH (n:Partial) RETURN count(n) AS c')
  assert.equal(record.get('c'), 0)
})

test('lists and maps are parameters', async () => {
  const people = [{ name: 'Ann', age: 30 }, { name: 'Bob', age: 40 }]
  await run('UNWIND $people AS p CREATE (:Aged {name: p.name, age: p.age})', { people })
  const found = await run('MATCH (p:Aged) WHERE p.age > $age RETURN p.name AS name', { age: 35 })
  assert.deepEqual(found.map((one) => one.get('name')), ['Bob'])
})

test('elements have the ids that elementId() and id() give', async () => {
  const [record] = await run(
    'CREATE (n)-[r:R]->() RETURN n, r, elementId(n) AS node, elementId(r) AS edge, id(n) AS id')
  assert.equal(record.get('n').elementId, record.get('node'))
  assert.equal(record.get('r').elementId, record.get('edge'))
  assert.match(record.get('node'), /^\d+$/)
  assert.equal(String(record.get('id')), record.get('node'))
})

test('a mistake is shown with its place', async () => {
  await assert.rejects(run('MATCH (n)\nRETURN n.x + wrong'), (error) => {
    assert.match(error.message, /wrong/)
    assert.match(error.message, /line 2, column 14/)
    return true
  })
})

test('what still runs is interrupted when its session is closed', async () => {
  const session = driver.session()
  const endless = 'UNWIND range(1, 1000000) AS a UNWIND range(1, 1000000) AS b RETURN count(*) AS c'
  const running = session.run(endless).then(() => 'done', (error) => error)
  await new Promise((resolve) => setTimeout(resolve, 200))
  await session.close()
  assert.notEqual(await running, 'done')
  const [record] = await run('RETURN 1 AS one')
  assert.equal(record.get('one'), 1)
})
