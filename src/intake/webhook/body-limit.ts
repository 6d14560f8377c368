/**
 * In bytes, for every path: a limit for each source would tell which sources exist. The longest delivery is MLflow's, with a
 * tag's value of 100,000 characters (its `MAX_MODEL_REGISTRY_TAG_VALUE_LENGTH`), each of which may be escaped as six bytes. A
 * delivery that is too large is lost until the sweep.
 */
export const BODY_LIMIT = 1_000_000
