export {
  type IORedisLike,
  type NodeRedisLike,
  RedisTokenStore,
  type RedisTokenStoreOptions,
} from './session/stores/redis.js'
