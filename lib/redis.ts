export {
  type IORedisLike,
  type NodeRedisLike,
  RedisTokenStore,
  type RedisTokenStoreOptions,
} from './stores/redis.js'
