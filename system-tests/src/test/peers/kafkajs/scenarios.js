'use strict'
// kafkajs; README.md beside this directory describes the conversation.
const crypto = require('node:crypto')
const readline = require('node:readline')
const { AssertionError } = require('node:assert')
const assert = require('node:assert/strict')
const { Kafka, CompressionCodecs, CompressionTypes, ConfigResourceTypes, logLevel } = require('kafkajs')
CompressionCodecs[CompressionTypes.Snappy] = require('kafkajs-snappy')

const DEADLINE_MS = 120000
const REPLICATION = Number(process.env.PEER_REPLICATION || 3)
const kafka = new Kafka({
  clientId: 'system-tests',
  brokers: process.argv[2].split(','),
  retry: { initialRetryTime: 100, retries: 20, maxRetryTime: 2000 },
  logCreator: () => ({ level, log }) => level <= logLevel.WARN && console.error(log.message, log.error || '')
})

class Unable extends Error {}

const say = line => console.log(JSON.stringify(line))
const range = count => [...Array(count).keys()]
const lines = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]()

async function awaitUntil (what, condition) {
  // what the condition throws counts as not yet: brokers hear of changes one after the other
  const deadline = Date.now() + DEADLINE_MS
  for (let last = ''; ; await new Promise(resolve => setTimeout(resolve, 20))) {
    try {
      if (await condition()) {
        return
      }
      last = ''
    } catch (error) {
      last = `; ${error.message}`
    }
    if (Date.now() > deadline) {
      throw new AssertionError({ message: `not within ${DEADLINE_MS} ms: ${what()}${last}` })
    }
  }
}

async function sendAll (topic, messages, more = {}) {
  const producer = kafka.producer({ allowAutoTopicCreation: false })
  await producer.connect()
  try {
    return await producer.send({ topic, messages, acks: -1, ...more })
  } finally {
    await producer.disconnect()
  }
}

/** A consumer that keeps what it reads; kafkajs has no consumer without a group. */
class Member {
  constructor (topic, groupId, seen) {
    this.seen = seen
    this.topic = topic
    this.partitions = []
    this.consumer = kafka.consumer({
      groupId, heartbeatInterval: 300, sessionTimeout: 10000, rebalanceTimeout: 15000, metadataMaxAge: 5000,
      maxWaitTimeInMs: 300
    })
    this.consumer.on(this.consumer.events.GROUP_JOIN, ({ payload }) => {
      this.partitions = payload.memberAssignment[topic] || []
    })
  }

  async start () {
    await this.consumer.connect()
    await this.consumer.subscribe({ topic: this.topic, fromBeginning: true })
    await this.consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch, isRunning, isStale }) => {
        if (!isRunning() || isStale()) {
          return
        }
        this.seen.push(...batch.messages.map(message => ({ ...message, partition: batch.partition })))
        const offset = (BigInt(batch.lastOffset()) + 1n).toString()
        try {
          await this.consumer.commitOffsets([{ topic: this.topic, partition: batch.partition, offset }])
        } catch (error) {
          // a rebalance came first, or a broker is gone: the records come again
          console.error('commit:', error.message)
        }
      }
    })
  }

  async stop () {
    await this.consumer.disconnect()
  }
}

async function read (topic, count) {
  const seen = []
  const reader = new Member(topic, `${topic}-reader-${crypto.randomUUID()}`, seen)
  await reader.start()
  await awaitUntil(() => `${count} records, was ${seen.length}`, () => seen.length >= count)
  await reader.stop()
  assert.equal(seen.length, count, 'records')
  return seen
}

async function basic (name) {
  const messages = range(100).map(i => (
    { key: `key-${i % 10}`, value: `value-${i}`, headers: { number: `${i}` } }))
  const answers = await sendAll(name, messages)
  assert.deepEqual(answers.map(answer => [answer.errorCode, answer.baseOffset]), answers.map(() => [0, '0']))
  const shape = m => `${m.key} ${m.value} ${m.headers.number}`
  const seen = await read(name, 100)
  assert.deepEqual(seen.map(shape).sort(), messages.map(shape).sort())
  for (const partition of range(3)) {
    const offsets = seen.filter(m => m.partition === partition).map(m => Number(m.offset))
    assert.deepEqual(offsets, range(offsets.length), `offsets of partition ${partition}`)
  }
}

function codec (partition, compression) {
  return async name => {
    const values = range(50).map(i => `value-${i}-` + 'abc'.repeat(300))
    await sendAll(name, values.map(value => ({ value, partition })), { compression })
    const seen = []
    const reader = new Member(name, `${name}-reader-${partition}`, seen)
    await reader.start()
    const mine = () => seen.filter(m => m.partition === partition)
    await awaitUntil(() => `50 records, was ${mine().length}`, () => mine().length >= 50)
    await reader.stop()
    assert.deepEqual(mine().map(m => m.value.toString()), values)
  }
}

async function unable () {
  throw new Unable('has no codec for it; kafkajs itself has gzip, the package kafkajs-snappy adds snappy')
}

async function large (name) {
  const values = range(3).map(() => crypto.randomBytes(900 * 1024))
  for (const value of values) {
    await sendAll(name, [{ value, partition: 0 }])
  }
  const seen = await read(name, 3)
  assert.ok(seen.every((m, i) => m.value.equals(values[i])), 'what came back')
}

async function positions (name) {
  const start = Date.now() - 100000
  await sendAll(name, range(10).map(i => ({ value: `value-${i}`, partition: 0, timestamp: `${start + 1000 * i}` })))
  await withAdmin(async admin => {
    const at = async time => (await admin.fetchTopicOffsetsByTimestamp(name, time)).find(o => o.partition === 0).offset
    assert.equal(await at(start + 4500), '5', 'the first record from 4.5 s on')
    assert.equal(await at(start + 9001), '10', 'a time after the last record')
    const ends = (await admin.fetchTopicOffsets(name)).find(o => o.partition === 0)
    assert.deepEqual([ends.low, ends.high], ['0', '10'], 'beginning and end')
  })(name)
  const seen = []
  const reader = new Member(name, `${name}-seeker`, seen)
  await reader.start()
  await awaitUntil(() => `10 records, was ${seen.length}`, () => seen.length >= 10)
  seen.length = 0
  reader.consumer.seek({ topic: name, partition: 0, offset: '7' })
  await awaitUntil(() => `3 records, was ${seen.length}`, () => seen.length >= 3)
  assert.deepEqual(seen.map(m => m.offset), ['7', '8', '9'], 'after a seek')
  seen.length = 0
  reader.consumer.pause([{ topic: name }])
  reader.consumer.seek({ topic: name, partition: 0, offset: '2' })
  await new Promise(resolve => setTimeout(resolve, 500))
  assert.equal(seen.length, 0, 'while paused')
  reader.consumer.resume([{ topic: name }])
  await awaitUntil(() => `8 records, was ${seen.length}`, () => seen.length >= 8)
  await reader.stop()
}

async function groups (name) {
  const seen = []
  const member = records => new Member(name, `${name}-group`, records)
  const send = (prefix, first, count) =>
    sendAll(name, range(count).map(i => ({ value: `${prefix}-${first + i}`, partition: i % 3 })))
  const owners = members => awaitUntil(
    () => `three partitions shared by all, was ${JSON.stringify(members.map(m => m.partitions))}`,
    () => members.every(m => m.partitions.length > 0) &&
      members.flatMap(m => m.partitions).sort().join() === '0,1,2')
  const sendAndAwait = async (first, count) => {
    await send('value', first, count)
    const missing = () => {
      const values = new Set(seen.map(m => m.value.toString()))
      return range(first + count).filter(i => !values.has(`value-${i}`))
    }
    await awaitUntil(() => `all values, missing ${missing()}`, () => missing().length === 0)
  }
  const one = member(seen)
  const two = member(seen)
  await one.start()
  await owners([one])
  await sendAndAwait(0, 60)
  await two.start()
  await owners([one, two])
  await sendAndAwait(60, 60)
  await one.stop()
  await owners([two])
  await sendAndAwait(120, 60)
  await two.stop()
  const later = []
  const three = member(later)
  await send('late', 0, 6)
  await three.start()
  await awaitUntil(() => `6 late records, was ${later.map(m => m.value.toString())}`, () => later.length >= 6)
  await three.stop()
  assert.deepEqual(later.map(m => m.value.toString()).sort(), range(6).map(i => `late-${i}`))
}

async function restart (name) {
  const seen = []
  const member = new Member(name, `${name}-group`, seen)
  await member.start()
  const producer = kafka.producer({ allowAutoTopicCreation: false, metadataMaxAge: 5000 })
  await producer.connect()
  const acknowledged = []
  let number = 0
  const sendNext = async () => {
    const value = `value-${number++}`
    try {
      await producer.send({ topic: name, messages: [{ value }], acks: -1 })
      acknowledged.push(value)
    } catch (error) {
      console.error('send:', error.message)
    }
  }
  for (const _ of range(20)) {
    await sendNext()
  }
  let done = false
  lines.next().then(() => { done = true })
  say({ ask: 'restart' })
  while (!done) {
    await sendNext()
    await new Promise(resolve => setTimeout(resolve, 20))
  }
  for (const _ of range(20)) {
    await sendNext()
  }
  const missing = () => {
    const values = new Set(seen.map(m => m.value.toString()))
    return acknowledged.filter(value => !values.has(value))
  }
  await awaitUntil(() => `all that was acknowledged, missing ${missing().slice(0, 5)}`, () => missing().length === 0)
  await producer.disconnect()
  await member.stop()
  assert.ok(acknowledged.length >= 40, `only ${acknowledged.length} of ${number} records were acknowledged`)
}

function withAdmin (work) {
  return async name => {
    const admin = kafka.admin()
    await admin.connect()
    try {
      await work(admin, name)
    } finally {
      await admin.disconnect()
    }
  }
}

async function topics (admin, name) {
  const topic = `${name}-made`
  assert.equal(await admin.createTopics({
    topics: [{ topic, numPartitions: 3, replicationFactor: REPLICATION }]
  }), true)
  await awaitUntil(() => 'listed', async () => (await admin.listTopics()).includes(topic))
  await awaitUntil(() => 'replicas', async () => {
    const described = (await admin.fetchTopicMetadata({ topics: [topic] })).topics[0].partitions
    return described.map(partition => partition.replicas.length).join() === [1, 1, 1].map(() => REPLICATION).join()
  })
  const cluster = await admin.describeCluster()
  assert.ok(cluster.brokers.some(broker => broker.nodeId === cluster.controller), 'the controller is a broker')
  await admin.deleteTopics({ topics: [topic] })
  await awaitUntil(() => 'deletion', async () => !(await admin.listTopics()).includes(topic))
}

async function partitions (admin, name) {
  const topic = `${name}-grown`
  await admin.createTopics({ topics: [{ topic, numPartitions: 2, replicationFactor: REPLICATION }] })
  await admin.createPartitions({ topicPartitions: [{ topic, count: 4 }] })
  await awaitUntil(() => 'four partitions',
    async () => (await admin.fetchTopicMetadata({ topics: [topic] })).topics[0].partitions.length === 4)
  let answer
  await awaitUntil(() => 'a record in the new partition', async () => {
    [answer] = await sendAll(topic, [{ value: 'to the new one', partition: 3 }])
    return true
  })
  assert.deepEqual([answer.partition, answer.errorCode, answer.baseOffset], [3, 0, '0'])
}

async function configs (admin, name) {
  const topic = `${name}-configured`
  const resource = { type: ConfigResourceTypes.TOPIC, name: topic }
  const retention = async () => (await admin.describeConfigs({ includeSynonyms: false, resources: [resource] }))
    .resources[0].configEntries.find(entry => entry.configName === 'retention.ms').configValue
  await admin.createTopics({
    topics: [{
      topic,
      numPartitions: 1,
      replicationFactor: REPLICATION,
      configEntries: [{ name: 'retention.ms', value: '3600000' }]
    }]
  })
  await awaitUntil(() => 'retention.ms as created', async () => await retention() === '3600000')
  await admin.alterConfigs({
    validateOnly: false,
    resources: [{ ...resource, configEntries: [{ name: 'retention.ms', value: '7200000' }] }]
  })
  await awaitUntil(() => 'retention.ms as altered', async () => await retention() === '7200000')
}

async function adminGroups (admin, name) {
  const groupId = `${name}-group`
  const seen = []
  const member = new Member(name, groupId, seen)
  await member.start()
  await sendAll(name, [{ value: 'one', partition: 0 }])
  await awaitUntil(() => 'the record', () => seen.length > 0)
  const listed = async () => (await admin.listGroups()).groups.some(group => group.groupId === groupId)
  assert.ok(await listed(), 'listed')
  const [described] = (await admin.describeGroups([groupId])).groups
  assert.deepEqual([described.state, described.members.length], ['Stable', 1])
  await member.stop()
  const [offsets] = await admin.fetchOffsets({ groupId, topics: [name] })
  assert.equal(offsets.partitions.find(p => p.partition === 0).offset, '1', 'offset')
  await admin.resetOffsets({ groupId, topic: name, earliest: true })
  const [again] = await admin.fetchOffsets({ groupId, topics: [name] })
  assert.equal(again.partitions.find(p => p.partition === 0).offset, '-2', 'offset after a reset, in kafkajs words')
  const [deleted] = await admin.deleteGroups([groupId])
  assert.deepEqual([deleted.groupId, deleted.errorCode || 0], [groupId, 0])
  assert.ok(!await listed(), 'listed after deletion')
}

const scenarios = {
  basic: { yes: basic },
  codecs: {
    none: codec(0, CompressionTypes.None),
    gzip: codec(1, CompressionTypes.GZIP),
    snappy: codec(2, CompressionTypes.Snappy),
    lz4: unable,
    zstd: unable
  },
  large: { yes: large },
  positions: { yes: positions },
  groups: { classic: groups },
  admin: {
    topics: withAdmin(topics),
    partitions: withAdmin(partitions),
    configs: withAdmin(configs),
    groups: withAdmin(adminGroups)
  },
  restart: { yes: restart }
}

async function main () {
  say({ client: 'kafkajs', version: require('kafkajs/package.json').version })
  for (let order = await lines.next(); !order.done; order = await lines.next()) {
    const [scenario, name] = order.value.split(' ')
    for (const [id, work] of Object.entries(scenarios[scenario])) {
      try {
        await work(name)
        say({ case: id, result: 'passed' })
      } catch (error) {
        say({ case: id, result: error instanceof Unable ? 'unable' : 'failed', why: error instanceof Unable ? error.message : error.stack })
      }
    }
    say({ end: scenario })
  }
  process.exit(0)
}

main()
