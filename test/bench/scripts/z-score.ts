import { foldLines } from './fold-lines.ts'

interface Model {
  n: number
  mean: number
  squares: number
}

/** Marks values that are more than LIMIT standard deviations from the mean of their sensor: INPUT OUTPUT LIMIT WARM_UP. */
foldLines((args) => {
  const [limit = 0, warmUp = 0] = args.map(Number)
  const models = new Map<string, Model>()
  return {
    line(line, write) {
      const reading = JSON.parse(line)
      const { sensor, value } = reading
      let model = models.get(sensor)
      if (model === undefined) {
        model = { n: 0, mean: 0, squares: 0 }
        models.set(sensor, model)
      }
      if (model.n >= warmUp && Math.abs(value - model.mean) > limit * Math.sqrt(model.squares / (model.n - 1))) {
        reading.anomalies = ['odd']
        write(JSON.stringify(reading))
      } else write(line)
      learn(model, value)
    },
  }
})

function learn(model: Model, value: number): void {
  const delta = value - model.mean
  model.n += 1
  model.mean += delta / model.n
  model.squares += delta * (value - model.mean)
}
