
/* A dense or convolution layer. Weights are codes packed without gaps, lowest bit first; a code is its own level, or the
 * index of one in a codebook. w = scale * level + offset, x = input_scale * t, so
 * sum w*x = input_scale * (scale * sum level*t + offset * sum t): integers inside, floats once per output.
 * `factor` holds the input's scale; bias and batch norm are in `factor` and `addend`. */
typedef struct {
    window_t window;
    int32_t outputs, groups;
    int32_t bits;
    const uint8_t *codes, *codebook;
    float scale, offset;
    /* Rows below those of the outputs, which add to them (multipoint). */
    int32_t points;
    const uint16_t *point_rows;
    const float *point_scales;
    const float *factor, *addend;
    activation_t activation;
    /* The input: levels between thresholds, or (no thresholds) the network's own on an exact or a split grid. */
    int32_t thresholds;
    const float *threshold;
    const level_t *level;
    float input_inverse, split;
} layer_t;

static level_t t[LARGEST_INPUT];

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

/* The upper half of a whole number on the split grid. The largest is half way from 127 to 128, which is no level. */
static int32_t upper_half(float whole, float split)
{
    return clamped(whole / split, 127.0f);
}

/* The level of x: as many levels up as there are thresholds below x. */
static level_t level_of(const layer_t *l, float x)
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
    const window_t *w = &l->window;
    int32_t channels = w->channels / l->groups, image = w->height * w->width;
    int32_t rows_in_group = l->outputs / l->groups, pixels = w->out_height * w->out_width;
    int32_t taps = w->rows.kernel * w->columns.kernel;
    for (int32_t row = 0; row < l->outputs + l->points; row++) {
        int32_t output = row;
        float scale = weight * l->scale, offset = weight * l->offset;
        if (row >= l->outputs) {
            int32_t zero = (1 << (l->bits - 1)) - 1;
            output = l->point_rows[row - l->outputs];
            scale = weight * l->point_scales[row - l->outputs];
            offset = scale * (float)-zero;
        }
        const level_t *x = t + output / rows_in_group * channels * image;
        for (int32_t pixel = 0; pixel < pixels; pixel++) {
            int32_t top = pixel / w->out_width * w->rows.stride - w->rows.before;
            int32_t left = pixel % w->out_width * w->columns.stride - w->columns.before;
            uint32_t at = (uint32_t)row * (uint32_t)(channels * taps);
            int32_t sum = 0, total = 0;
            for (int32_t channel = 0; channel < channels; channel++)
                for (int32_t k = 0, i = top; k < w->rows.kernel; k++, i += w->rows.dilation)
                    for (int32_t m = 0, j = left; m < w->columns.kernel; m++, j += w->columns.dilation, at++)
                        if (i >= 0 && i < w->height && j >= 0 && j < w->width) {
                            int32_t value = x[channel * image + i * w->width + j];
                            sum += weight_at(l, at) * value;
                            total += value;
                        }
            y[output * pixels + pixel] += scale * (float)sum + offset * (float)total;
        }
    }
}

static void run_layer(const layer_t *l, const float *x, float *y)
{
    int32_t inputs = l->window.channels * l->window.height * l->window.width;
    int32_t pixels = l->window.out_height * l->window.out_width;
    for (int32_t i = 0; i < l->outputs * pixels; i++)
        y[i] = 0.0f;
    if (l->level) {
        for (int32_t i = 0; i < inputs; i++)
            t[i] = level_of(l, x[i]);
        multiply(l, 1.0f, y);
    } else if (l->split == 0.0f) {
        for (int32_t i = 0; i < inputs; i++)
            t[i] = (level_t)clamped(x[i] * l->input_inverse, 127.0f);
        multiply(l, 1.0f, y);
    } else {
        float most = l->split * 127.0f + 127.0f;
        for (int32_t i = 0; i < inputs; i++)
            t[i] = (level_t)upper_half((float)clamped(x[i] * l->input_inverse, most), l->split);
        multiply(l, l->split, y);
        for (int32_t i = 0; i < inputs; i++) {
            float whole = (float)clamped(x[i] * l->input_inverse, most);
            t[i] = (level_t)(whole - l->split * (float)upper_half(whole, l->split));
        }
        multiply(l, 1.0f, y);
    }
    for (int32_t i = 0; i < l->outputs * pixels; i++)
        y[i] = activated(l->factor[i / pixels] * y[i] + l->addend[i / pixels], &l->activation);
}
