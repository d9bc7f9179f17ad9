
/* A dense or convolution layer. Weights are codes packed without gaps, lowest bit first; a code is its own level, or the
 * index of one in a codebook. w = scale * level + offset, x = input_scale * t, so
 * sum w*x = input_scale * (scale * sum level*t + offset * sum t): integers inside, floats once per output.
 * `factor` holds the input's scale; bias and batch norm are in `factor` and `addend`. */
typedef struct {
    int32_t channels, height, width, outputs, groups;
    int32_t kernel, stride, padding, out_height, out_width;
    int32_t bits;
    const uint8_t *codes, *codebook;
    float scale, offset;
    /* Rows below those of the outputs, which add to them (multipoint). */
    int32_t points;
    const uint16_t *point_rows;
    const float *point_scales;
    const float *factor, *addend;
    int activation;
    /* The input: levels between thresholds, or (no thresholds) the network's own on an exact or a split grid. */
    int32_t thresholds;
    const float *threshold;
    const int8_t *level;
    float input_inverse, split;
} layer_t;

static int8_t t[LARGEST_INPUT];

/* To the nearest integer, ties to even; |v| < 2^23. */
static int32_t rounded(float v)
{
    int32_t whole = (int32_t)v;
    float rest = v - (float)whole;
    if (rest > 0.5f || (rest == 0.5f && whole % 2 != 0))
        whole += 1;
    if (rest < -0.5f || (rest == -0.5f && whole % 2 != 0))
        whole -= 1;
    return whole;
}

static int32_t clamped(float v, float most)
{
    if (!(v > -most))
        return (int32_t)-most;
    return rounded(v < most ? v : most);
}

/* The level of x: as many levels up as there are thresholds below x. */
static int8_t level_of(const layer_t *l, float x)
{
    int32_t from = 0, to = l->thresholds;
    while (from < to) {
        int32_t middle = (from + to) / 2;
        if (l->threshold[middle] < x)
            from = middle + 1;
        else
            to = middle;
    }
    return l->level[from];
}

static int32_t weight_at(const layer_t *l, uint32_t index)
{
    uint32_t bit = index * (uint32_t)l->bits;
    const uint8_t *from = l->codes + (bit >> 3);
    uint32_t code = ((uint32_t)from[0] | (uint32_t)from[1] << 8) >> (bit & 7);
    code &= (UINT32_C(1) << l->bits) - 1;
    return l->codebook ? l->codebook[code] : (int32_t)code;
}

/* Adds weight * sum (scale * level + offset) * t to every output. */
static void multiply(const layer_t *l, float weight, float *y)
{
    int32_t channels = l->channels / l->groups, image = l->height * l->width;
    int32_t rows_in_group = l->outputs / l->groups, pixels = l->out_height * l->out_width;
    int32_t fan_in = channels * l->kernel * l->kernel;
    for (int32_t row = 0; row < l->outputs + l->points; row++) {
        int32_t output = row;
        float scale = weight * l->scale, offset = weight * l->offset;
        if (row >= l->outputs) {
            int32_t zero = (1 << (l->bits - 1)) - 1;
            output = l->point_rows[row - l->outputs];
            scale = weight * l->point_scales[row - l->outputs];
            offset = scale * (float)-zero;
        }
        const int8_t *x = t + output / rows_in_group * channels * image;
        for (int32_t pixel = 0; pixel < pixels; pixel++) {
            int32_t top = pixel / l->out_width * l->stride - l->padding;
            int32_t left = pixel % l->out_width * l->stride - l->padding;
            uint32_t at = (uint32_t)(row * fan_in);
            int32_t sum = 0, total = 0;
            for (int32_t channel = 0; channel < channels; channel++)
                for (int32_t i = top; i < top + l->kernel; i++)
                    for (int32_t j = left; j < left + l->kernel; j++, at++)
                        if (i >= 0 && i < l->height && j >= 0 && j < l->width) {
                            int32_t value = x[channel * image + i * l->width + j];
                            sum += weight_at(l, at) * value;
                            total += value;
                        }
            y[output * pixels + pixel] += scale * (float)sum + offset * (float)total;
        }
    }
}

static void run_layer(const layer_t *l, const float *x, float *y)
{
    int32_t inputs = l->channels * l->height * l->width;
    int32_t pixels = l->out_height * l->out_width;
    for (int32_t i = 0; i < l->outputs * pixels; i++)
        y[i] = 0.0f;
    if (l->level) {
        for (int32_t i = 0; i < inputs; i++)
            t[i] = level_of(l, x[i]);
        multiply(l, 1.0f, y);
    } else if (l->split == 0.0f) {
        for (int32_t i = 0; i < inputs; i++)
            t[i] = (int8_t)clamped(x[i] * l->input_inverse, 127.0f);
        multiply(l, 1.0f, y);
    } else {
        float most = l->split * 127.0f + 127.0f;
        for (int32_t i = 0; i < inputs; i++)
            t[i] = (int8_t)rounded((float)clamped(x[i] * l->input_inverse, most) / l->split);
        multiply(l, l->split, y);
        for (int32_t i = 0; i < inputs; i++) {
            float whole = (float)clamped(x[i] * l->input_inverse, most);
            t[i] = (int8_t)(whole - l->split * (float)rounded(whole / l->split));
        }
        multiply(l, 1.0f, y);
    }
    for (int32_t i = 0; i < l->outputs * pixels; i++)
        y[i] = activated(l->factor[i / pixels] * y[i] + l->addend[i / pixels], l->activation);
}
