/*@ activate */
static void activate(const float *x, float *y, int32_t count, int kind, float a, float b)
{
    activation_t how;
    how.kind = kind;
    how.a = a;
    how.b = b;
    for (int32_t i = 0; i < count; i++)
        y[i] = activated(x[i], &how);
}
/*@ affine */
static void affine(const float *x, float *y, const float *factor, const float *addend, int32_t rows, int32_t run)
{
    for (int32_t i = 0; i < rows * run; i++)
        y[i] = factor[i / run] * x[i] + addend[i / run];
}
/*@ add */
static void add(const float *a, const float *b, float *y, int32_t count)
{
    for (int32_t i = 0; i < count; i++)
        y[i] = a[i] + b[i];
}
/*@ copy */
static void copy(const float *x, float *y, int32_t count)
{
    for (int32_t i = 0; i < count; i++)
        y[i] = x[i];
}
/*@ global_average */
static void global_average(const float *x, float *y, int32_t channels, int32_t pixels)
{
    float share = 1.0f / (float)pixels;
    for (int32_t channel = 0; channel < channels; channel++) {
        y[channel] = 0.0f;
        for (int32_t i = 0; i < pixels; i++)
            y[channel] += share * x[channel * pixels + i];
    }
}
/*@ average_pool */
static void average_pool(const float *x, float *y, const window_t *w)
{
    float share = 1.0f / (float)(w->rows.kernel * w->columns.kernel);
    for (int32_t channel = 0; channel < w->channels; channel++, x += w->height * w->width)
        for (int32_t pixel = 0; pixel < w->out_height * w->out_width; pixel++) {
            int32_t top = pixel / w->out_width * w->rows.stride - w->rows.before;
            int32_t left = pixel % w->out_width * w->columns.stride - w->columns.before;
            float sum = 0.0f;
            for (int32_t k = 0, i = top; k < w->rows.kernel; k++, i += w->rows.dilation)
                for (int32_t m = 0, j = left; m < w->columns.kernel; m++, j += w->columns.dilation)
                    if (i >= 0 && i < w->height && j >= 0 && j < w->width)
                        sum += share * x[i * w->width + j];
            *y++ = sum;
        }
}
/*@ max_pool */
static void max_pool(const float *x, float *y, const window_t *w)
{
    for (int32_t channel = 0; channel < w->channels; channel++, x += w->height * w->width)
        for (int32_t pixel = 0; pixel < w->out_height * w->out_width; pixel++) {
            int32_t top = pixel / w->out_width * w->rows.stride - w->rows.before;
            int32_t left = pixel % w->out_width * w->columns.stride - w->columns.before;
            const float *best = 0;
            for (int32_t k = 0, i = top; k < w->rows.kernel; k++, i += w->rows.dilation)
                for (int32_t m = 0, j = left; m < w->columns.kernel; m++, j += w->columns.dilation)
                    if (i >= 0 && i < w->height && j >= 0 && j < w->width && (!best || x[i * w->width + j] > *best))
                        best = &x[i * w->width + j];
            *y++ = best ? *best : 0.0f;
        }
}
