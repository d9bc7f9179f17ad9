
/* An activation and its numbers: the slope of a leaky ReLU, the bounds of a clip. */
typedef struct {
    int kind;
    float a, b;
} activation_t;

#if HAS_SIGMOID
/* 1 / (1 + exp(z)) for 0 <= z, from its values at multiples of 1/16 up to 20: the cubic of a cell's ends and their
 * slopes, -s * (1 - s), is right to the last digits of a float. */
static float falling_sigmoid(float z)
{
    if (!(z < 20.0f))
        return 0.0f;
    int32_t cell = (int32_t)(z * 16.0f);
    float t = z * 16.0f - (float)cell;
    float from = sigmoid_at[cell], to = sigmoid_at[cell + 1], rise = to - from;
    float slope = from * (from - 1.0f) / 16.0f, last = to * (to - 1.0f) / 16.0f;
    return from + t * (slope + t * (3.0f * rise - 2.0f * slope - last + t * (slope + last - 2.0f * rise)));
}
#endif

static float clipped(float z, float low, float high)
{
    if (z < low)
        return low;
    return z > high ? high : z;
}

static float activated(float z, const activation_t *how)
{
    switch (how->kind) {
    case RELU:
        return z < 0.0f ? 0.0f : z;
    case RELU6:
        return clipped(z, 0.0f, 6.0f);
    case LEAKY_RELU:
        return z < 0.0f ? how->a * z : z;
    case CLIP:
        return clipped(z, how->a, how->b);
    case HARD_SWISH:
        return z * clipped(z + 3.0f, 0.0f, 6.0f) / 6.0f;
#if HAS_SIGMOID
    case SIGMOID:
        return z < 0.0f ? falling_sigmoid(-z) : 1.0f - falling_sigmoid(z);
    case TANH:
        return z < 0.0f ? 2.0f * falling_sigmoid(-2.0f * z) - 1.0f : 1.0f - 2.0f * falling_sigmoid(2.0f * z);
#endif
    default:
        return z;
    }
}

/* A window along rows or columns: window k begins at k * stride - before, its taps are `dilation` apart. */
typedef struct {
    int32_t kernel, stride, dilation, before;
} axis_t;

/* Windows over an image of `channels`. */
typedef struct {
    int32_t channels, height, width;
    axis_t rows, columns;
    int32_t out_height, out_width;
} window_t;
