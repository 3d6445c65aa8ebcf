// SPDX-License-Identifier: Apache-2.0
// What a program does with the JavaScript driver BOLT_DRIVER, against any server: node --test,
// with BOLT_ADDRESS=host:port and, where they apply, BOLT_USER, BOLT_PASSWORD, BOLT_TLS=1 (a
// certificate that nobody has signed), BOLT_FAKE=1 (the server without a graph).
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

const name = process.env.BOLT_DRIVER;
if (name.includes('/browser/')) {  // what pages load: it speaks within WebSocket
  globalThis.WebSocket = (await import('ws')).WebSocket;
  globalThis.window = { location: { protocol: 'http:' } };
}
const neo4j = (await import(name)).default;
const address = process.env.BOLT_ADDRESS;
const secure = process.env.BOLT_TLS === '1' ? '+ssc' : '';
const fake = process.env.BOLT_FAKE === '1';
const user = process.env.BOLT_USER;
const token = user === undefined ? undefined : neo4j.auth.basic(user, process.env.BOLT_PASSWORD);

function connect(scheme, credentials = token) {
  return neo4j.driver(`${scheme}${secure}://${address}`, credentials);
}

// `work` with a session of a driver of its own.
async function withSession(work, config = {}, scheme = 'bolt') {
  const driver = connect(scheme);
  const session = driver.session(config);
  try {
    return await work(session, driver);
  } finally {
    await session.close();
    await driver.close();
  }
}

async function codeOf(promise) {
  try {
    await promise;
  } catch (error) {
    return error.code;
  }
  return 'none';
}

// Temporal values and points know their text; their parts are numbers or integers of the driver.
function textOf(value) {
  const hasText = value !== null && typeof value === 'object' && !Array.isArray(value) &&
    value.constructor !== Object;
  return hasText ? String(value) : JSON.stringify(value);
}

const CREATE = "CREATE p = (n:Person:User {name: 'Ann'})-[r:KNOWS {since: 2020}]->" +
  "(:Person:User {name: 'Bob'}) RETURN n, r, p";
const COUNT = 'UNWIND range(1, $n) AS i RETURN i';

describe(`${name} at bolt${secure}`, () => {
  test('connects', async () => {
    await withSession(async (session, driver) => {
      const info = await driver.getServerInfo();
      assert.match(info.agent, /^Neo4j\/5\./);
      assert.match(JSON.stringify(info.protocolVersion), /5.*8/);
      assert.equal(await driver.supportsMultiDb(), true);
    });
  });

  test('runs statements', async () => {
    await withSession(async (session) => {
      for (let i = 0; i < 10; ++i) {
        const result = await session.run('RETURN 1 AS one');
        assert.deepEqual(result.records[0].keys, ['one']);
        assert.equal(result.records[0].get('one').toNumber(), 1);
        assert.equal(result.summary.queryType, 'r');
        assert.equal(result.summary.database.name, 'neo4j');
        assert.equal(result.summary.gqlStatusObjects[0].gqlStatus, '00000');
      }
    });
  });

  test('executes queries by the driver', async () => {
    await withSession(async (session, driver) => {
      const { records, keys } = await driver.executeQuery('RETURN $x AS x', { x: 'text' });
      assert.deepEqual(keys, ['x']);
      assert.equal(records[0].get('x'), 'text');
    });
  });

  const types = neo4j.types ?? neo4j;
  const values = {
    null: null,
    true: true,
    'small integer': neo4j.int(-17),
    'large integer': neo4j.int('9223372036854775807'),
    'smallest integer': neo4j.int('-9223372036854775808'),
    float: 1.5,
    'small float': 5e-324,
    'infinite float': -Infinity,
    'empty string': '',
    string: 'grün 😀',
    'long string': 'x'.repeat(100000),
    'empty list': [],
    list: [neo4j.int(1), 'two', [3.5], null],
    map: { a: neo4j.int(1), b: { c: [] } },
    date: new types.Date(2024, 2, 29),
    'old date': new types.Date(-9999, 1, 1),
    'local time': new types.LocalTime(23, 59, 59, 999999999),
    time: new types.Time(1, 2, 3, 4, -3600),
    'local date time': new types.LocalDateTime(2020, 1, 2, 3, 4, 5, 6),
    'date time': new types.DateTime(2020, 1, 2, 3, 4, 5, 6, 7200),
    'zoned date time':
      new types.DateTime(2020, 7, 2, 3, 4, 5, 6, 7200, 'Europe/Berlin'),
    duration: new types.Duration(14, 3, -5, 250000000),
    'plane point': new types.Point(neo4j.int(7203), 1.5, -2.5),
    'space point': new types.Point(neo4j.int(4979), 12.5, 55.5, 100),
  };
  for (const [kind, value] of Object.entries(values)) {
    test(`gives back a ${kind}`, async () => {
      await withSession(async (session) => {
        const result = await session.run('RETURN $x AS x', { x: value });
        const back = result.records[0].get('x');
        assert.equal(back?.constructor, value?.constructor);
        assert.equal(textOf(back), textOf(value));
      });
    });
  }

  test('gives back bytes', async () => {
    await withSession(async (session) => {
      const result = await session.run('RETURN $x AS x', { x: new Int8Array([1, -2, 3]) });
      assert.deepEqual([...result.records[0].get('x')], [1, -2, 3]);
    });
  });

  test('reads nodes, relationships and paths', async () => {
    await withSession(async (session) => {
      const result = await session.run(CREATE);
      const { n, r, p } = result.records[0].toObject();
      assert.ok(neo4j.isNode(n) && neo4j.isRelationship(r) && neo4j.isPath(p));
      assert.deepEqual([...n.labels].sort(), ['Person', 'User']);
      assert.equal(n.properties.name, 'Ann');
      assert.equal(r.type, 'KNOWS');
      assert.equal(r.properties.since.toNumber(), 2020);
      assert.equal(r.startNodeElementId, n.elementId);
      assert.equal(p.start.elementId, n.elementId);
      assert.equal(p.segments[0].relationship.elementId, r.elementId);
      assert.equal(p.segments[0].end.properties.name, 'Bob');
      const counters = result.summary.counters.updates();
      assert.equal(counters.nodesCreated, 2);
      assert.equal(counters.relationshipsCreated, 1);
      assert.equal(counters.propertiesSet, 3);
      assert.equal(counters.labelsAdded, 4);
      assert.ok(result.summary.counters.containsUpdates());
    });
  });

  test('fetches many rows in small portions', async () => {
    await withSession(async (session) => {
      let count = 0;
      for await (const record of session.run(COUNT, { n: neo4j.int(20000) })) {
        ++count;
        assert.equal(record.get('i').toNumber(), count);
      }
      assert.equal(count, 20000);
    }, { fetchSize: 10 });
  });

  test('leaves a result in the middle', async () => {
    await withSession(async (session, driver) => {
      for await (const record of session.run(COUNT, { n: neo4j.int(1000000) })) {
        if (record.get('i').toNumber() === 25) break;
      }
      await session.close();
      const next = driver.session();
      const result = await next.run('RETURN 1 AS one');
      assert.equal(result.records.length, 1);
      await next.close();
    }, { fetchSize: 10 });
  });

  test('consumes what it has not read', async () => {
    await withSession(async (session) => {
      const summary = await session.run(COUNT, { n: neo4j.int(1000000) }).summary();
      assert.equal(summary.queryType, 'r');
    }, { fetchSize: 10 });
  });

  test('says what is wrong', async () => {
    await withSession(async (session) => {
      assert.equal(await codeOf(session.run('RETRUN 1')),
        'Neo.ClientError.Statement.SyntaxError');
      const result = await session.run('RETURN 1 AS one');  // the session goes on
      assert.equal(result.records.length, 1);
      assert.equal(await codeOf(session.run('RETRUN 1')),
        'Neo.ClientError.Statement.SyntaxError');
    });
    await withSession(async (session) => {
      assert.equal(await codeOf(session.run('RETURN 1 AS one')),
        'Neo.ClientError.Database.DatabaseNotFound');
    }, { database: 'other' });
  });

  test('commits and rolls back', async () => {
    await withSession(async (session) => {
      const first = await session.beginTransaction();
      assert.equal((await first.run('RETURN 1 AS one')).records.length, 1);
      assert.equal((await first.run(COUNT, { n: neo4j.int(5) })).records.length, 5);
      await first.commit();
      const second = await session.beginTransaction();
      await second.run('RETURN 1 AS one');
      await second.rollback();
      const third = await session.beginTransaction();
      assert.notEqual(await codeOf(third.run('RETRUN 1')), 'none');
      assert.notEqual(await codeOf(third.commit()), 'none');
    });
  });

  test('reads two results of a transaction by turns', async () => {
    await withSession(async (session) => {
      const transaction = await session.beginTransaction();
      const left = transaction.run(COUNT, { n: neo4j.int(100) })[Symbol.asyncIterator]();
      const right = transaction.run(COUNT, { n: neo4j.int(100) })[Symbol.asyncIterator]();
      for (let i = 1; i <= 100; ++i) {
        assert.equal((await left.next()).value.get('i').toNumber(), i);
        assert.equal((await right.next()).value.get('i').toNumber(), i);
      }
      await transaction.commit();
    }, { fetchSize: 3 });
  });

  test('hands bookmarks on', async () => {
    await withSession(async (session, driver) => {
      await session.executeWrite((transaction) => transaction.run(CREATE));
      const bookmarks = session.lastBookmarks();
      assert.equal(bookmarks.length, 1);
      const next = driver.session({ bookmarks, defaultAccessMode: neo4j.session.READ });
      assert.equal((await next.run('RETURN 1 AS one')).records.length, 1);
      await next.close();
      const wrong = driver.session({ bookmarks: ['not one of ours'] });
      assert.equal(await codeOf(wrong.run('RETURN 1 AS one')),
        'Neo.ClientError.Transaction.InvalidBookmark');
      await wrong.close();
    });
  });

  test('repeats a transaction that can be repeated', { skip: !fake }, async () => {
    await withSession(async (session) => {
      let attempts = 0;
      await session.executeWrite(async (transaction) => {
        await transaction.run(++attempts < 2 ? 'CONFLICT' : 'RETURN 1 AS one');
      });
      assert.equal(attempts, 2);
    });
  });

  test('takes options of transactions', async () => {
    await withSession(async (session) => {
      const config = { timeout: 5000, metadata: { application: 'test' } };
      assert.equal((await session.run('RETURN 1 AS one', {}, config)).records.length, 1);
      const transaction = await session.beginTransaction(config);
      await transaction.commit();
    });
  });

  test('routes', async () => {
    await withSession(async (session, driver) => {
      assert.equal((await session.run('RETURN 1 AS one')).records.length, 1);
      const read = (transaction) => transaction.run('RETURN 1 AS one');
      assert.equal((await session.executeRead(read)).records.length, 1);
      assert.equal((await session.executeWrite(read)).records.length, 1);
      assert.match((await driver.getServerInfo()).address, /:\d+$/);
    }, { database: 'neo4j' }, 'neo4j');
  });

  test('serves many sessions', async () => {
    await withSession(async (session, driver) => {
      const work = [...Array(200).keys()].map(async (x) => {
        const result = await driver.executeQuery('RETURN $x AS x', { x: neo4j.int(x) });
        assert.equal(result.records[0].get('x').toNumber(), x);
      });
      await Promise.all(work);
    });
  });

  test('lets nobody else in', { skip: user === undefined }, async () => {
    for (const wrong of [neo4j.auth.basic(user, 'wrong'), neo4j.auth.basic('nobody', 'x'),
      null]) {
      const driver = connect('bolt', wrong);
      const code = await codeOf(driver.getServerInfo());
      await driver.close();
      assert.equal(code, 'Neo.ClientError.Security.Unauthorized');
    }
  });

});
