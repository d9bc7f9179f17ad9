
static float activated(float z, int activation)
{
    if (activation == IDENTITY)
        return z;
    if (z < 0.0f)
        return 0.0f;
    return activation == RELU6 && z > 6.0f ? 6.0f : z;
}
