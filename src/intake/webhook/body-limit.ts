/**
 * In bytes, for deliveries of a model registry. MLflow's longest is a tag's value of 100,000 characters (its
 * `MAX_MODEL_REGISTRY_TAG_VALUE_LENGTH`), each of which may be escaped as six bytes. A delivery that is too large is lost until
 * the sweep.
 */
export const REGISTRY_BODY_LIMIT = 1_000_000
